"""Behind names of the document's own: the formulas whose indices tell which values they can take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from derive.check.formula.definition import Definition
from derive.check.formula.frame import names_of
from derive.check.formula.quantities import letters_in, own_key
from derive.read.formula_walk import transform
from derive.read.tree import Name, Node, Script

DEEPEST = 5


def bodies(node: Node, definitions: Mapping[str, Definition], depth: int = 0) -> Iterator[Node]:
    """Yield the formulas of the names with index symbols, with the symbols that stand at the names."""
    if depth >= DEEPEST or not definitions:
        return
    for name in names_of(node):
        definition = definitions.get(own_key(name))
        if definition is None or definition.numeric or not definition.symbols:
            continue
        used = letters_in(name)
        if len(used) != len(definition.symbols):
            continue
        body = _renamed(definition.node, dict(zip(definition.symbols, used, strict=True)))
        yield body
        yield from bodies(body, definitions, depth + 1)


def _renamed(node: Node, symbols: Mapping[str, str]) -> Node:
    if all(old == new for old, new in symbols.items()):
        return node

    def changed(inner: Node) -> Node:
        if isinstance(inner, Script):
            return replace(inner, tokens=tuple(symbols.get(word, word) for word in inner.tokens), items=())
        if isinstance(inner, Name) and inner.base in symbols and not inner.subscripts:
            return replace(inner, base=symbols[inner.base])
        return inner

    return transform(node, changed)
