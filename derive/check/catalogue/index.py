"""An index or the number of a layer is not the one that belongs there.

`w_{ij}` carries the unit that the weight leads to and the unit that it comes from, `a^{(l-1)}` the layer
that feeds layer `l`. When formulas are copied from one weight to the next, one number is easily left as
it was. Limits of a sum belong here too: with units counted from 0, a layer of `n` units ends at `n - 1`.

Check each index against the claim's left side: every index that is not summed has to occur on both sides.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from derive.check.catalogue.entry import Edit, Workspace, entry, names, sites
from derive.check.formula.errors import MistakeError, Undecided
from derive.check.formula.frame import quiet
from derive.read.tree import Add, BigOperator, Comparison, Name, Neg, Node, Number, Script


def _edits(side: Node, work: Workspace) -> Iterator[Edit]:
    for site in names(side):
        name = site.node
        assert isinstance(name, Name)  # noqa: S101  `names` yields nothing else
        if _unknown(name, work):
            continue
        for place in ("subscripts", "superscripts"):
            scripts: tuple[Script, ...] = getattr(name, place)
            for k, script in enumerate(scripts):
                for tokens in _variants(script, work):
                    changed = replace(script, tokens=tokens, items=())
                    new = _with_scripts(name, place, (*scripts[:k], changed, *scripts[k + 1 :]))
                    kind = "layer" if _other_layer(script, name, new, work) else "index"
                    shown = f"{script.text} should be {''.join(tokens)} in {name.base}"
                    yield Edit(site.put(new), name.span, f"the {kind} {shown}")
    yield from _sums(side, work)
    yield from _conditions(side, work)


def _unknown(name: Name, work: Workspace) -> bool:
    try:
        return work.reading.resolve(name) is None
    except (MistakeError, Undecided):
        return False


def _other_layer(script: Script, old: Name, new: Name, work: Workspace) -> bool:
    """Tell whether a changed script says another layer, and not another index."""
    if script.role != "ambiguous":
        return script.role == "layer"
    one, other = quiet(old, work.reading), quiet(new, work.reading)
    return one is not None and other is not None and one.layer != other.layer


def _variants(script: Script, work: Workspace) -> Iterator[tuple[str, ...]]:
    """Yield the tokens with one index in them changed, two exchanged, or a digit left out."""
    if script.role in ("update", "transpose", "mark", "power"):
        return
    numbers = [str(number) for number in range(work.largest + 1)]
    seen = {script.tokens}
    for k, word in enumerate(script.tokens):
        if word in "+-,":
            continue
        letters = list(word) if len(word) > 1 else [word]
        for n, letter in enumerate(letters):
            choices = [*numbers, *work.symbols] if letter.isdigit() else [*work.symbols, *numbers]
            if script.role == "layer" and len(script.tokens) == 1:
                choices += work.layers
            for choice in choices:
                tokens = _with(script.tokens, k, "".join((*letters[:n], choice, *letters[n + 1 :])))
                if tokens not in seen:
                    seen.add(tokens)
                    yield tokens
        if len(letters) == 2:
            for text in (letters[1] + letters[0], letters[1], letters[0]):
                tokens = _with(script.tokens, k, text)
                if tokens not in seen:
                    seen.add(tokens)
                    yield tokens
    if len(script.tokens) == 1 and "layer" in script.roles and script.text.isalpha():
        for step in ("+", "-"):
            yield (script.text, step, "1")
    if len(script.tokens) == 3 and script.tokens[1] in "+-" and script.tokens[2].isdigit():
        yield script.tokens[:1]
        yield (script.tokens[0], "-" if script.tokens[1] == "+" else "+", script.tokens[2])


def _with(tokens: tuple[str, ...], k: int, text: str) -> tuple[str, ...]:
    return (*tokens[:k], text, *tokens[k + 1 :])


def _sums(side: Node, work: Workspace) -> Iterator[Edit]:
    for site in sites(side):
        node = site.node
        if not isinstance(node, BigOperator):
            continue
        for k, old in enumerate(node.indices):
            if not isinstance(old, Name):
                continue
            for symbol in work.symbols:
                if symbol.isalpha() and symbol != old.base:
                    indices = (*node.indices[:k], replace(old, base=symbol), *node.indices[k + 1 :])
                    words = f"the sum should run over {symbol}, not {old.base}"
                    yield Edit(site.put(replace(node, indices=indices)), node.span, words)
        for which in ("lower", "upper"):
            limit: Node | None = getattr(node, which)
            if limit is not None:
                for step in (-1, 1):
                    moved = _with_limit(node, which, _moved(limit, step))
                    words = f"the {which} limit should be one {'less' if step < 0 else 'more'}"
                    yield Edit(site.put(moved), limit.span, words)


def _conditions(side: Node, work: Workspace) -> Iterator[Edit]:
    """Yield the cases that are told by a number of an index, ``k = 1``, with other numbers."""
    for site in sites(side):
        node = site.node
        if not isinstance(node, Comparison) or len(node.terms) != 2:
            continue
        letter, old = node.terms
        if not isinstance(letter, Name) or letter.base not in work.symbols or not isinstance(old, Number):
            continue
        for number in range(work.largest + 1):
            if number != old.value:
                new = Number(str(number), Fraction(number), _ONE, span=old.span)
                words = f"the case should be that of {letter.base} = {number}"
                yield Edit(site.put(replace(node, terms=(letter, new))), old.span, words)


def _with_scripts(name: Name, place: str, scripts: tuple[Script, ...]) -> Name:
    if place == "subscripts":
        return replace(name, subscripts=scripts)
    return replace(name, superscripts=scripts)


def _with_limit(node: BigOperator, which: str, limit: Node) -> BigOperator:
    return replace(node, lower=limit) if which == "lower" else replace(node, upper=limit)


def _moved(limit: Node, step: int) -> Node:
    one: Node = Number("1", _ONE, _ONE, span=limit.span)
    return Add((limit, one if step > 0 else Neg(one, span=limit.span)), span=limit.span)


_ONE = Fraction(1)

MISTAKE = entry(
    "index",
    "a wrong index or layer",
    r"\frac{\partial L}{\partial w^{(1)}_{ij}} = \delta^{(1)}_j a^{(0)}_j",
    r"\frac{\partial L}{\partial w^{(1)}_{ij}} = \delta^{(1)}_i a^{(0)}_j",
    _edits,
)
