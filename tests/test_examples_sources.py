"""The records of the bundled examples against the documents they were taken from, both ways.

The documents are not part of the repository; where they are not at hand, these tests are skipped.
"""

import dataclasses
import re
import tomllib
from pathlib import Path

import numpy as np
import pytest

from derive import examples

SEEDS = Path(__file__).parents[2] / "shared" / "seeds"
DOCUMENTS = {
    "lecture6": "000",
    "single-instance": "001",
    "linear-output": "002",
    "row-vectors": "003",
    "no-bias": "004",
}
# "0.5", ".5", and "1." where NumPy has cut the zeros; not "1." before the text of a numbered list.
DECIMAL = re.compile(r"(?<![\w.])-?(?:\d*\.\d+(?!\w|\.\d)|\d+\.(?=\s*[\],]))")

# What a document prints with a decimal point and that is no number of its network.
NOT_OF_THE_NETWORK = {
    "lecture6": {"6.1": "number of a section", "6.": "number of the lecture"},
    "single-instance": {
        "0.18454645770996225": "In [4]: the derivative function tried at 1.13",
        "0.196612": "In [5]: the derivative function tried at 1",
        "0.104994": "In [5]: the derivative function tried at 2",
        "0.045177": "In [5]: the derivative function tried at 3",
    },
    "linear-output": {"0.5": "the half of the loss, in code"},
    "row-vectors": {"2.12": "number of a section"},
    "no-bias": {},
}
# From here on the document is about something else.
ENDS_AT = {"linear-output": "## Problem"}  # another net, trained on random data: nothing to check


ENTRIES = [pytest.param(n, e, id=f"{n}-{e.where}") for n in DOCUMENTS for e in examples.record(n)]


def document(name: str) -> str:
    found = sorted(SEEDS.glob(f"{DOCUMENTS[name]}_*.txt"))
    if not found:
        pytest.skip("the source documents are not part of the repository")
    return found[0].read_text().partition(ENDS_AT.get(name, "\0"))[0]


def strings(printed) -> set[str]:
    return {printed} if isinstance(printed, str) else set().union(*map(strings, printed))


def givens(name: str) -> set[float]:
    example = tomllib.loads(examples.path(name).read_text())["example"]
    arrays = [example["x"], example["y"], example["learning_rate"], *example["parameters"].values()]
    return {number for array in arrays for number in np.ravel(array).astype(float)}


def missing(name: str, entries) -> set[str]:
    """Decimals of the document that stand in neither the record nor the network file."""
    recorded = set().union(*(strings(entry.printed) for entry in entries))
    known = recorded | set(NOT_OF_THE_NETWORK[name])
    return {d for d in DECIMAL.findall(document(name)) if d not in known and float(d) not in givens(name)}


def absent(name: str, entry: examples.PrintedQuantity) -> set[str]:
    """Digits of an entry that the document does not print."""
    return strings(entry.printed) - set(re.findall(r"(?<![\w.])-?\d+(?:\.\d*)?(?![\w])", document(name)))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_record_is_complete(name):
    assert missing(name, examples.record(name)) == set()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_entry_is_needed_or_repeats_another(name):
    """Leaving out every printing of a quantity is noticed, unless its digits are also those of others."""
    record = examples.record(name)
    for entry in record:
        others = [e for e in record if e.quantity != entry.quantity]
        own = strings(entry.printed) - set().union(*(strings(e.printed) for e in others))
        own = {d for d in own if "." in d and float(d) not in givens(name)}
        assert own <= missing(name, others)


@pytest.mark.parametrize(("name", "entry"), ENTRIES)
def test_the_document_prints_what_the_record_says(name, entry):
    assert absent(name, entry) == set()


def test_a_changed_digit_of_the_stale_numbers_is_noticed():
    (stale,) = (e for e in examples.record("lecture6") if e.quantity == "grad:a1" and not e.true)
    for i, number in enumerate(stale.printed):
        for at in range(number.index(".") + 1, len(number)):
            changed = f"{number[:at]}{(int(number[at]) + 1) % 10}{number[at + 1 :]}"
            printed = (*stale.printed[:i], changed, *stale.printed[i + 1 :])
            assert absent("lecture6", dataclasses.replace(stale, printed=printed)) == {changed}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_nothing_is_excluded_in_vain(name):
    assert set(NOT_OF_THE_NETWORK[name]) <= set(DECIMAL.findall(document(name)))
