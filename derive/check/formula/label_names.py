r"""The label of a sample as an index: ``p_{y_i}``, ``\mathbb{1}(y_i = k)``, ``f_{y_i}``.

In notes on classifiers ``y_i`` is the number of the right class of sample ``i``. Where it stands as an index
or is compared with one, it is given a name of its own, ``y_i`` in one word, which no reader makes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from derive.arithmetic import Array
from derive.check.formula.errors import Undecided
from derive.read.formula import Formula, Statement
from derive.read.formula_walk import transform, walk
from derive.read.tree import Bracketed, Comparison, Derivative, Indicator, Name, Node, Number, Product, Script

if TYPE_CHECKING:
    from derive.check.formula.frame import Frame
    from derive.check.names import Reading

_LABEL = re.compile(r"y_([A-Za-z]?)")
_LOSS = "cross-entropy"
_INDICATORS = frozenset({"I", "bbI", "ones"})
_WITHOUT_LABELS = frozenset({"W", "b", "X", "L", "eta", "x", "y", "m", "size"})
_CANDIDATES = frozenset({"c"})
"""Letters that notes use for the right class itself."""


def sample_of_label(symbol: str, reading: Reading) -> str | None:
    """Return the letter of the sample whose label a symbol is, "" for the sample at hand; None for others."""
    if symbol == reading.label_letter:
        return ""
    found = _LABEL.fullmatch(symbol) if symbol.startswith("y_") else None  # most symbols are none
    return found.group(1) if found else None


def counting(symbol: str, reading: Reading) -> tuple[str, ...]:
    """Return the symbol that takes values: that of the sample for its label, none where there is but one."""
    sample = sample_of_label(symbol, reading)
    if sample is None:
        return (symbol,)
    return (sample,) if sample and reading.samples is not None else ()


def label_values(sample: str, reading: Reading, frame: Frame) -> Array:
    """Return the label of a sample, as the document counts classes, for every combination."""
    if reading.labels is None:
        raise Undecided("it is about labels, which this claim does not let be told")
    labels = np.asarray(reading.labels) + reading.base
    if sample in frame.units:
        return labels[frame.units[sample] - reading.samples_from]
    if len(labels) > 1:
        raise Undecided("the label of which sample?")
    return np.full(frame.size, labels[0])


def with_labels(item: Statement, reading: Reading) -> Statement:
    """Return a statement in which labels that stand as indices have names of their own."""
    if reading.network.loss != _LOSS:
        return item
    kronecker = any(_is_slope(node, reading) for node in walk(item.terms[0]))
    terms = tuple(transform(term, lambda node: _changed(node, reading, kronecker)) for term in item.terms)
    compared = _compared(terms, item.relations, reading)
    return replace(item, terms=compared or terms)


def letters_of_labels(formulas: Iterable[Formula]) -> tuple[str, tuple[str, ...]]:
    """Return the letter that counts samples below labels, and letters that may be the right class."""
    counted: Counter[str] = Counter()
    candidates: set[str] = set()
    for node in _nodes(formulas):
        words = node.tokens if isinstance(node, Script) else (node.base,) if isinstance(node, Name) else ()
        for word in words:
            if (found := _LABEL.fullmatch(word)) and found.group(1):
                counted[found.group(1)] += 1
        if isinstance(node, Script) and len(node.tokens) == 1:
            candidates |= _CANDIDATES.intersection(node.tokens)
    return next(iter(dict(counted.most_common(1))), ""), tuple(sorted(candidates))


def _nodes(formulas: Iterable[Formula]) -> Iterator[Node]:
    return (node for f in formulas for s in f.statements for term in s.terms for node in walk(term))


def _is_slope(node: Node, reading: Reading) -> bool:
    """Tell the derivative of one unit by another, beside which a delta with both indices is Kronecker's."""
    pair = (node.of, *node.wrt) if isinstance(node, Derivative) else ()
    units = [n for n in pair if isinstance(n, Name) and len(n.subscripts) == 1 and not n.superscripts]
    return len(units) == 2 and reading.roles.get(units[0].base) != "L"


def _kronecker(name: Name, reading: Reading) -> Node | None:
    r"""Return ``\delta_{ij}`` as an indicator."""
    if reading.roles.get(name.base) != "delta" or len(name.subscripts) != 1 or name.superscripts:
        return None
    letters = [letter for word in name.subscripts[0].tokens if word != "," for letter in word]
    if len(letters) != 2 or not all(letter.isalpha() for letter in letters):
        return None
    one, other = (
        Name("y_" if reading.roles.get(letter) == "y" else letter, span=name.span) for letter in letters
    )
    return Indicator(Comparison((one, other), ("=",), span=name.span), span=name.span)


def _changed(node: Node, reading: Reading, kronecker: bool) -> Node:
    if kronecker and isinstance(node, Name) and (found := _kronecker(node, reading)) is not None:
        return found
    if isinstance(node, Name) and node.subscripts and reading.roles.get(node.base) not in _WITHOUT_LABELS:
        subscripts = tuple(_script(script, reading) for script in node.subscripts)
        return node if subscripts == node.subscripts else replace(node, subscripts=subscripts)
    if isinstance(node, Comparison) and (terms := _compared(node.terms, node.relations, reading)):
        return replace(node, terms=terms)
    if isinstance(node, Bracketed) and _is_of_labels(node.operand):
        return Indicator(node.operand, span=node.span)
    if isinstance(node, Product):
        return _indicated(node)
    return node


def _script(script: Script, reading: Reading) -> Script:
    """Return a subscript with its labels in one word."""
    samples = [_sample(item, reading) for item in script.items]
    if all(sample is None for sample in samples):
        return script
    entries: list[Node] = []
    tokens: list[str] = []
    for item, sample in zip(script.items, samples, strict=True):
        name = item if sample is None else Name(f"y_{sample}", span=item.span)
        if not isinstance(name, Name) or name.subscripts or name.superscripts:
            return script
        entries.append(name)
        tokens += [",", name.base] if tokens else [name.base]
    return replace(script, tokens=tuple(tokens), items=tuple(entries), roles=("index",))


def _compared(
    terms: tuple[Node, ...], relations: tuple[str, ...], reading: Reading
) -> tuple[Node, ...] | None:
    """Return the sides of ``y_i = k`` with the label in one word; None where it is no such comparison."""
    if len(terms) != 2 or relations[0] not in ("=", "≠"):
        return None
    samples = [_sample(term, reading) for term in terms]
    letters = [isinstance(t, Name) and len(t.base) == 1 and t == Name(t.base, span=t.span) for t in terms]
    for k, sample in enumerate(samples):
        if sample is not None and samples[1 - k] is None and letters[1 - k]:
            label = Name(f"y_{sample}", span=terms[k].span)
            return (label, terms[1]) if k == 0 else (terms[0], label)
    return None


def _sample(node: Node, reading: Reading) -> str | None:
    """Return the letter of the sample whose target a name is, "" where it has none; None for other nodes."""
    if not isinstance(node, Name) or node.accents or node.primes or reading.roles.get(node.base) != "y":
        return None
    scripts = (*node.subscripts, *node.superscripts)
    if not scripts:
        return ""
    text = scripts[0].text
    return text if len(scripts) == 1 and len(text) == 1 and text.isalpha() else None


def _is_of_labels(node: Node) -> bool:
    return isinstance(node, Comparison) and node.relations[0] in ("=", "≠") and len(node.terms) == 2


def _indicated(product: Product) -> Node:
    r"""Return a product with ``I(y_i = k)`` in it as one with an indicator."""
    factors, ops = list(product.factors), list(product.ops)
    for k in range(len(factors) - 1, 0, -1):
        head, condition = factors[k - 1], factors[k]
        sign = (isinstance(head, Name) and head.base in _INDICATORS) or (
            isinstance(head, Number) and head.text == "1"
        )
        if sign and ops[k - 1] == "" and _is_of_labels(condition):
            factors[k - 1 : k + 1] = [Indicator(condition, span=head.span.to(condition.span))]
            ops.pop(k - 1)
    if len(factors) == len(product.factors):
        return product
    return replace(product, factors=tuple(factors), ops=tuple(ops)) if ops else factors[0]
