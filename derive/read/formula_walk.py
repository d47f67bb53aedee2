"""Going through a tree: its children, all its nodes, its depth, and the tree with some nodes changed."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

from derive.read.tree import Node


def _fields(node: Node) -> list[str]:
    return [name for name in node.__dataclass_fields__ if name != "span"]


def children(node: Node) -> Iterator[Node]:
    """Yield the direct children of `node`, in the order of its fields."""
    for name in _fields(node):
        pending = [getattr(node, name)]
        while pending:
            value = pending.pop()
            if isinstance(value, Node):
                yield value
            elif isinstance(value, tuple):
                pending.extend(reversed(value))


def walk(node: Node) -> Iterator[Node]:
    """Yield `node` and everything below it, parents first, without recursion."""
    pending = [node]
    while pending:
        current = pending.pop()
        yield current
        pending.extend(reversed(list(children(current))))


def depth(node: Node) -> int:
    """Return the number of nodes on the longest way down, without recursion."""
    deepest, level = 0, [node]
    while level:
        deepest += 1
        level = [child for parent in level for child in children(parent)]
    return deepest


def transform(node: Node, change: Callable[[Node], Node]) -> Node:
    """Return the tree with `change` applied to every node, the children before their parents.

    The reader bounds the depth of what it returns, so that this recursion is bounded too.
    """

    def inside(value: object) -> object:
        if isinstance(value, Node):
            return transform(value, change)
        if isinstance(value, tuple):
            changed = tuple(inside(item) for item in value)
            return value if all(a is b for a, b in zip(changed, value, strict=True)) else changed
        return value

    old: dict[str, Any] = {name: getattr(node, name) for name in _fields(node)}
    new: dict[str, Any] = {name: inside(value) for name, value in old.items()}
    same = all(new[name] is old[name] for name in old)
    return change(node if same else dataclasses.replace(node, **new))
