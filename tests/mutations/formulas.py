"""Formulas with one thing broken, at every place where one can be."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from mutations.arithmetic import differ
from mutations.changes import changes
from mutations.latex import UnknownFormError, read
from mutations.spelling import NoValueError


@dataclass(frozen=True)
class Broken:
    """A side with a mistake in it.

    Parameters
    ----------
    kind
        The entry of the catalogue that was applied.
    codes
        What the mistake may be called: `kind`, the names of other entries that would have come to the same
        value, and other names for the same change.
    text
        The side as it is now.
    """

    kind: str
    codes: frozenset[str]
    text: str


class MisreadError(Exception):
    """A claim that is right does not hold by the benchmark's own reading."""


def broken(terms, k, oracle):
    """Yield every mistake in side `k` of a chain that changes its value.

    Parameters
    ----------
    terms
        The sides.
    k
        Which of them is broken, from 1.
    oracle
        The values of the network that the chain is about.
    """
    text = terms[k]
    try:
        trees = [read(term, oracle.names.functions) for term in (terms[0], text)]
        ranges = oracle.ranges(trees)
        true = oracle.values(trees[1], ranges)
        left = oracle.values(trees[0], ranges)
    except (UnknownFormError, NoValueError):
        return
    if any(value is None for value in true) or not any(
        n.kind in ("name", "partial") for n in trees[1].walk()
    ):
        return
    if differ(left, true):
        raise MisreadError(f"{terms[0]} = {text} is false at the points of the benchmark")
    found, names = [], defaultdict(set)
    for kind, others, changed in changes(terms[0], text, trees[1], oracle):
        try:
            tree = read(changed, oracle.names.functions)
            values = oracle.values(tree, {**oracle.ranges([tree]), **ranges})
        except (NoValueError, UnknownFormError, ValueError):
            continue
        if differ(true, values):
            found.append((kind, others, changed, key := _fingerprint(values) or changed))
            names[key].add(kind)
    seen = {text}
    for kind, others, changed, key in found:
        if changed not in seen:
            seen.add(changed)
            yield Broken(kind, frozenset({*names[key], *others}), changed)


def _fingerprint(values):
    """Return what tells whether two sides come to the same; None for one that has no value somewhere."""
    if any(value is None for value in values):
        return None
    return tuple(f"{number:.7e}" for value in values for number in np.ravel(value))
