"""The targets of ``make fuzz`` on inputs made by hypothesis: no exception but the tool's own."""

import subprocess
import sys
from pathlib import Path

import pytest
from fuzz.targets import PIECES, TARGETS, text_of
from hypothesis import given, settings
from hypothesis import strategies as st

# Mostly bytes that stand for pieces.
DATA = st.lists(st.integers(0, len(PIECES) + 20), max_size=40).map(bytes)
EXAMPLES = {"formula": 150, "document": 100, "notebook": 60, "code": 100, "network-file": 60, "verify": 60}


@pytest.mark.parametrize("name", TARGETS)
def test_no_input_breaks_a_target(name: str) -> None:
    @settings(max_examples=EXAMPLES[name], deadline=None, database=None)
    @given(DATA | st.binary(max_size=60))
    def run(data: bytes) -> None:
        TARGETS[name](data)

    run()


def test_bytes_stand_for_pieces() -> None:
    assert text_of(bytes([0, 4, len(PIECES)])) == PIECES[0] + PIECES[4] + chr(len(PIECES))


def test_without_atheris_the_target_says_so() -> None:
    """A module of that name that cannot be imported stands in for none."""
    program = (
        "import sys; sys.modules['atheris'] = None; sys.argv = ['fuzz']; import fuzz.__main__ as m; m.main()"
    )
    here = Path(__file__).parent
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=here, capture_output=True, text=True, check=False
    )
    assert run.returncode == 1
    assert "atheris is not installed" in run.stderr
    assert "Traceback" not in run.stderr
