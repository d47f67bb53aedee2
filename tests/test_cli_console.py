"""Tables: drawn on a terminal, plain anywhere else."""

import io
import threading
import time
from contextlib import contextmanager, redirect_stderr, redirect_stdout

import pytest

from codegen.console import on_terminal, plain_table, print_table, working

COLUMNS = ("name", "value")
ROWS = (("a", "1 2\n3 4"), ("b[1]", "5"))


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch):
    """Return a context in which standard output and error are a terminal of 80 columns."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("NO_COLOR", raising=False)

    @contextmanager
    def attached():
        out, err = Terminal(), Terminal()
        with redirect_stdout(out), redirect_stderr(err):
            yield out, err

    return attached


def test_a_plain_table_is_aligned():
    assert plain_table(COLUMNS, ROWS) == "name  value\na     1 2\n      3 4\nb[1]  5"


def test_anything_but_a_terminal_gets_plain_text(capsys):
    print_table(COLUMNS, ROWS)
    assert capsys.readouterr().out == plain_table(COLUMNS, ROWS) + "\n"


def test_a_terminal_gets_a_drawing_with_colours(terminal):
    with terminal() as (out, _):
        print_table(COLUMNS, ROWS)
    assert "\x1b[36m" in out.getvalue()
    assert "─" in out.getvalue()
    assert "b[1]" in out.getvalue()  # no markup


def test_colours_are_left_out_where_nobody_wants_them(terminal, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    with terminal() as (out, _):
        print_table(COLUMNS, ROWS)
    assert "\x1b[36m" not in out.getvalue()
    assert "─" in out.getvalue()


@pytest.mark.parametrize(("variable", "value"), [("TERM", "dumb"), ("COLUMNS", "12")])
def test_a_terminal_that_cannot_draw_or_is_narrow_gets_plain_text(variable, value, terminal, monkeypatch):
    monkeypatch.setenv(variable, value)
    with terminal() as (out, _):
        print_table(COLUMNS, ROWS)
    assert out.getvalue() == plain_table(COLUMNS, ROWS) + "\n"


def test_work_is_shown_on_a_terminal_once_it_has_taken_a_moment(terminal, monkeypatch):
    with terminal() as (out, err):
        with working("quick"):
            pass
        assert err.getvalue() == ""
        monkeypatch.setattr("codegen.console.PATIENCE", 0.0)
        with working("slow"):
            for _ in range(500):
                if "slow ..." in err.getvalue():
                    break
                time.sleep(0.01)
    assert "slow ..." in err.getvalue()
    assert out.getvalue() == ""


def test_work_is_not_shown_elsewhere(capsys, monkeypatch):
    monkeypatch.setattr("codegen.console.PATIENCE", 0.0)
    with working("slow"):
        time.sleep(0.05)
    assert capsys.readouterr().err == ""
    assert not on_terminal(io.StringIO())


def test_a_failure_ends_what_is_shown(terminal, monkeypatch):
    monkeypatch.setattr("codegen.console.PATIENCE", 0.0)
    with terminal(), pytest.raises(ZeroDivisionError), working("slow"):
        raise ZeroDivisionError
    assert not [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]
