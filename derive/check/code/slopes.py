"""Derivatives of activations that code keeps in the place of the activation, or computes in a function."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from derive.check.code.book import Book, Match
from derive.check.code.causes import Causes
from derive.check.code.edits import Expression, fix_of, text_of, value_of
from derive.check.code.expectation import Variant
from derive.check.code.matching import agrees
from derive.check.code.naming import Hint
from derive.check.code.plain import plain
from derive.check.code.repair import operand_values
from derive.check.code.runs import Followed, key_of
from derive.check.code.shapes import Array, agree, canonical
from derive.program import Role
from derive.read.code import Assigned, CodeSpan
from derive.read.code.source import CodeCell, Source, parse_cell

_NAMED = re.compile(r"deriv|prime|slope|grad|^d_?(?:sig|relu|tanh|act|phi|f$|g$)", re.I)
"""What a function is called that gives the derivative of an activation."""

_ATOMS = (ast.Name, ast.Attribute, ast.Subscript)


@dataclass(frozen=True)
class Slopes:
    """Judges what stands for the derivative of an activation in one document."""

    followed: Followed
    book: Book
    causes: Causes

    def in_place(self, event: Assigned, hint: Hint | None, values: Sequence[Array]) -> bool:
        """Judge an activation that is turned into its derivative under its own name: ``a1 *= 1 - a1``."""
        held = self.book.holds.get(event.resolved, "")
        if hint is None or not held or hint.kind not in ("z", "a") or held.rstrip("0123456789") != hint.kind:
            return False
        node = self.book.places.expression(event)
        if node is None or set(_atoms(node)) - {"?before", event.name.replace(" ", "")} or not _varies(node):
            return False
        slope = next((m for m in self.causes.slopes(values[0].size) if m.name[5:] == held[1:]), None)
        if slope is None:
            return False
        if agrees(values, slope.values):
            self.book.verdict(event, slope, self.book.state.roots(slope.step))
        elif (cause := self.causes.cause(event, slope, values, None)) is not None:
            self.book.wrong(event, values, slope, cause)
        else:
            self.causes.abandon(event, values)
        return True

    def of_function(self, event: Assigned, match: Match) -> Variant | None:
        """Return the mistake of a function for slopes, if a statement that calls it is right but for that.

        Where the function gives a slope elsewhere, or here that of another layer, its argument is wrong.
        """
        node, runs = self.book.places.expression(event), self.book.state.runs
        table = operand_values(self.followed, event, runs)
        calls = [part for part in ast.walk(node) if isinstance(part, ast.Call)] if node is not None else []
        for call in calls:
            name, given = ast.unparse(call.func).split(".")[-1], table.get(text_of(call))
            if node is None or given is None or runs < 2 or not _NAMED.search(name):
                continue
            for slope in self.causes.slopes(given[0].size):
                true = [_like(value, own) for value, own in zip(slope.values, given, strict=True)]
                changed = Expression(node, {**table, text_of(call): true}, {})
                found = [value_of(node, changed, run) for run in range(runs)]
                present = [value for value in found if value is not None]
                # What a delta of the other sign would be: a wrong one may be taken for a convention.
                if len(present) < runs or not any(
                    agrees(present, [sign * m for m in match.values]) for sign in (1, -1)
                ):
                    continue
                if self._is_right(name, given):
                    whose = f"the derivative of the activation of layer {slope.name[5:]}"
                    return Variant("wrong-variable", f"{text_of(call)} is not {whose}", match.step)
                return self._in_return(name, event, given, true, match)
        return None

    def _is_right(self, name: str, given: Sequence[Array]) -> bool:
        """Whether a function gives the derivative of an activation, in this call or another one."""
        results = (e for e in self.followed.events if isinstance(e, Assigned) and e.kind == "part")
        found = [self.followed.values.get(key_of(e), []) for e in results if e.resolved == name]
        slopes = list(self.causes.slopes(None))
        return any(agrees(values, slope.values) for values in (given, *found) for slope in slopes)

    def _in_return(
        self, name: str, event: Assigned, given: Sequence[Array], true: Sequence[Array], match: Match
    ) -> Variant | None:
        """Return the mistake of the statement in which a function gives a value that is not the true one."""
        for span, node in self._returns(name):
            for table in self._executions(span):
                shown = Expression(plain(node), table, {})
                worth = value_of(shown.node, shown, 0)
                if worth is None or not agree(worth, given[0]):
                    continue
                inside = {
                    text: table[text] for text in dict.fromkeys(_atoms_and_calls(node)) if text in table
                }
                if (fix := fix_of(replace(shown, pool=inside), true)) is not None:
                    fault = replace(event, span=span, kind="assign", name=name, resolved=name)
                    return Variant(fix.code, fix.words, match.step, fault)
        return None

    def _returns(self, name: str) -> Iterator[tuple[CodeSpan, ast.expr]]:
        """Yield what the functions of a name return, with the places of the statements."""
        for number, segment in enumerate(self.book.places.document.segments):
            tree = parse_cell(segment.text) if segment.kind == "code" else None
            if not isinstance(tree, ast.Module):
                continue
            source = Source(CodeCell(segment.text, number), tuple(segment.text.split("\n")))
            for function in ast.walk(tree):
                if isinstance(function, ast.FunctionDef) and function.name == name:
                    for node in ast.walk(function):
                        if isinstance(node, ast.Return) and node.value is not None:
                            yield source.span(node), node.value

    def _executions(self, span: CodeSpan) -> Iterator[Mapping[str, list[Array]]]:
        """Yield what a statement read, each time that it was executed in every run."""
        key = (span.cell, span.line, span.column)
        kept = [executions.get(key, {}) for executions in self.followed.executions]
        for number in kept[0] if kept else ():
            reads = [{o.text: o.value for o in run.get(number, ())} for run in kept]
            shared = [text for text in reads[0] if all(text in read for read in reads)]
            yield {text: [read[text] for read in reads] for text in shared}


def gives_activation(event: Assigned, match: Match) -> bool:
    """Whether a function that should give a slope gives an activation: it is not meant as that."""
    result = event.kind == "part" and bool(event.calls) and "[" not in event.name
    return result and match.step.tensor.role is Role.HIDDEN and bool(_NAMED.search(event.name))


def _like(value: Array, own: Array) -> Array:
    """Return a value of the derivation in the shape of the document's."""
    return canonical(value, own.shape, like=own) if value.shape != own.shape else value


def _atoms(node: ast.AST) -> Iterator[str]:
    """Yield the texts of the names, elements and attributes of an expression."""
    if isinstance(node, _ATOMS):
        yield text_of(node)
        return
    for part in ast.iter_child_nodes(node):
        yield from _atoms(part)


def _atoms_and_calls(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, (*_ATOMS, ast.Call)):
            yield text_of(part)


def _varies(node: ast.AST) -> bool:
    """Whether an expression is more than a sum, and calls nothing."""
    parts = list(ast.walk(node))
    products = any(isinstance(part, (ast.Mult, ast.Pow, ast.Compare)) for part in parts)
    return products and not any(isinstance(part, ast.Call) for part in parts)
