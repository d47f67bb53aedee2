"""Going through a tree: its children, all its nodes, its depth, and the tree with some nodes changed."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

from derive.read.tree import Node


def _fields(node: Node) -> tuple[str, ...]:
    """Return the names of the fields without the span, which is the only one that has to be named."""
    return node.__match_args__


def children(node: Node) -> list[Node]:
    """Return the direct children of `node`, in the order of its fields."""
    found: list[Node] = []
    for name in _fields(node):
        value = getattr(node, name)
        if isinstance(value, Node):
            found.append(value)
        elif isinstance(value, tuple):
            _gather(value, found)
    return found


def _gather(items: tuple[object, ...], found: list[Node]) -> None:
    """Add the nodes in a tuple, which may hold tuples, as the rows of a matrix do."""
    for item in items:
        if isinstance(item, Node):
            found.append(item)
        elif isinstance(item, tuple):
            _gather(item, found)


def walk(node: Node) -> Iterator[Node]:
    """Yield `node` and everything below it, parents first, without recursion."""
    pending = [node]
    while pending:
        current = pending.pop()
        yield current
        pending.extend(reversed(children(current)))


def depth(node: Node) -> int:
    """Return the number of nodes on the longest way down, without recursion."""
    deepest, level = 0, [node]
    while level:
        deepest += 1
        level = [child for parent in level for child in children(parent)]
    return deepest


def with_children(node: Node, change: Callable[[Node], Node]) -> Node:
    """Return the node with `change` applied to its direct children."""

    def inside(value: object) -> object:
        if isinstance(value, Node):
            return change(value)
        if isinstance(value, tuple):
            changed = tuple(inside(item) for item in value)
            return value if all(a is b for a, b in zip(changed, value, strict=True)) else changed
        return value

    new: dict[str, Any] = {}
    for name in _fields(node):
        old = getattr(node, name)
        if isinstance(old, (Node, tuple)) and (changed := inside(old)) is not old:
            new[name] = changed
    return dataclasses.replace(node, **new) if new else node


def transform(node: Node, change: Callable[[Node], Node]) -> Node:
    """Return the tree with `change` applied to every node, the children before their parents.

    The reader bounds the depth of what it returns, so that this recursion is bounded too.
    """
    return change(with_children(node, lambda child: transform(child, change)))
