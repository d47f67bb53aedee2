"""``chainrule explain``."""

import pytest

from codegen.cli import AT_FAULT, DONE, run
from codegen.commands.explain import explanation
from derive.check.catalogue import MISTAKES
from derive.check.catalogue.entry import Mistake


def test_the_kinds_of_mistakes_are_listed(capsys):
    assert run(["explain"]) == DONE
    text = capsys.readouterr().out
    for mistake in MISTAKES.values():
        assert mistake.code in text
        assert mistake.title in text


@pytest.mark.parametrize("code", MISTAKES)
def test_a_kind_of_mistake_is_explained(code, capsys):
    assert run(["explain", code]) == DONE
    text = capsys.readouterr().out
    mistake = MISTAKES[code]
    assert text.startswith(f"{code}: {mistake.title}\n")
    assert mistake.statement in text
    assert f"  wrong:  {mistake.wrong.splitlines()[0]}\n" in text
    assert f"  right:  {mistake.right.splitlines()[0]}\n" in text


def test_examples_of_several_lines_are_aligned():
    text = explanation(Mistake("c", "t", "a\nb", "d", statement="s"))
    assert text == "c: t\n\ns\n\n  wrong:  a\n          b\n  right:  d"


def test_an_unknown_code_names_the_nearest(capsys):
    assert run(["explain", "stale_numbr"]) == AT_FAULT
    assert "did you mean 'stale-number'?" in capsys.readouterr().err
