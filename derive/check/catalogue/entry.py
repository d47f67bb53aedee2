"""What an entry of the catalogue is, and how an edit of a formula is made."""

from __future__ import annotations

import dataclasses
import inspect
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from derive.check.names import Reading
from derive.read.tree import Name, Node, Script, Span


class Edit(NamedTuple):
    """A changed side of a claim, where the change is, and what it is in words.

    An edit is plain where the claim itself shows the mistake, as a term that stands there twice does.
    """

    side: Node
    span: Span
    words: str
    plain: bool = False


@dataclass(frozen=True)
class Workspace:
    """What a generator of edits may use.

    Attributes
    ----------
    reading : Reading
    symbols : tuple of str
        Index symbols and unit numbers that occur in the claim.
    layers : tuple of str
        Layers as they are written in the claim.
    largest : int
        The largest number that an index or a layer can be.
    of_loss : bool
        Whether the claim is about the loss or its derivatives.
    update : bool
        Whether the claim is an update of a parameter.
    elementwise : bool
        Whether the claim is about single elements.
    batched : bool
        Whether there are several samples.
    """

    reading: Reading
    symbols: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()
    largest: int = 9
    of_loss: bool = False
    update: bool = False
    elementwise: bool = True
    batched: bool = False


Generator = Callable[[Node, Workspace], Iterator[Edit]]


def _no_edits(_: Node, __: Workspace) -> Iterator[Edit]:
    """Yield nothing: the mistake is no edit of a formula."""
    yield from ()


@dataclass(frozen=True)
class Mistake:
    """One kind of mistake.

    Attributes
    ----------
    code : str
        As in the findings.
    title : str
        A few words.
    wrong, right : str
        A pair of claims, in LaTeX or as displayed numbers, that shows it.
    statement : str
        What the mistake is, why it happens and what to do; the documentation of the entry's module.
    edits : callable
        Yields every change of a side that undoes the mistake.
    """

    code: str
    title: str
    wrong: str
    right: str
    edits: Generator = _no_edits
    statement: str = field(default="")


def entry(code: str, title: str, wrong: str, right: str, edits: Generator = _no_edits) -> Mistake:
    """Return the entry of the calling module, whose documentation is its statement."""
    frame = inspect.currentframe()
    caller = frame.f_back if frame is not None else None
    module = sys.modules[caller.f_globals["__name__"]] if caller is not None else None
    return Mistake(code, title, wrong, right, edits, inspect.getdoc(module) or "")


class Site(NamedTuple):
    """A node below a side, and how to put another in its place."""

    node: Node
    put: Callable[[Node], Node]


def sites(side: Node) -> Iterator[Site]:
    """Yield every node of a side, but the functions of calls and what is inside scripts."""

    def below(node: Node, put: Callable[[Node], Node]) -> Iterator[Site]:
        yield Site(node, put)
        for name, value in _parts(node):
            if isinstance(value, Node):

                def into(new: Node, name: str = name) -> Node:
                    return put(replace(node, **{name: new}))  # type: ignore[arg-type]  # the field's own name

                yield from below(value, into)
            else:
                yield from _in_tuple(node, name, value, (), put, below)

    yield from below(side, lambda new: new)


def _in_tuple(
    node: Node,
    name: str,
    value: tuple[object, ...],
    path: tuple[int, ...],
    put: Callable[[Node], Node],
    below: Callable[[Node, Callable[[Node], Node]], Iterator[Site]],
) -> Iterator[Site]:
    whole = getattr(node, name)
    for k, item in enumerate(value):
        here = (*path, k)
        if isinstance(item, tuple):
            yield from _in_tuple(node, name, item, here, put, below)
        elif isinstance(item, Node):

            def into(new: Node, here: tuple[int, ...] = here) -> Node:
                return put(replace(node, **{name: _with(whole, here, new)}))  # type: ignore[arg-type]  # as above

            yield from below(item, into)


def _with(items: tuple[object, ...], path: tuple[int, ...], new: object) -> tuple[object, ...]:
    inner = new if len(path) == 1 else _with(items[path[0]], path[1:], new)  # type: ignore[arg-type]  # a tuple
    return (*items[: path[0]], inner, *items[path[0] + 1 :])


def _parts(node: Node) -> Iterator[tuple[str, Node | tuple[object, ...]]]:
    for part in dataclasses.fields(node):
        if part.name in ("span", "function", "subscripts", "superscripts", "items") and not _lists(
            node, part.name
        ):
            continue
        value = getattr(node, part.name)
        if isinstance(value, (Node, tuple)):
            yield part.name, value


def _lists(node: Node, name: str) -> bool:
    return name == "items" and not isinstance(node, Script)


def names(side: Node) -> Iterator[Site]:
    """Yield the names of a side, and each repeated name once more, for all its places at once."""
    found: dict[Name, list[Site]] = {}
    for site in sites(side):
        if isinstance(site.node, Name):
            yield site
            found.setdefault(site.node, []).append(site)
    for name, places in found.items():
        if len(places) > 1:
            yield Site(places[0].node, _everywhere(side, name))


def _everywhere(side: Node, old: Name) -> Callable[[Node], Node]:
    from derive.read.formula_walk import transform

    def put(new: Node) -> Node:
        return transform(side, lambda node: replace(new, span=node.span) if node == old else node)

    return put
