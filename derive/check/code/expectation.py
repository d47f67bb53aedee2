"""What a quantity should be, given what the code has computed before it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import sympy as sp

from derive.activations import Activated
from derive.arithmetic import FLOAT
from derive.check.code.shapes import Array
from derive.evaluate import evaluate_step
from derive.fusion import delta_form
from derive.index_arrays import Scope
from derive.program import Program, Role, Step, name_of
from derive.read.code import Assigned

_Known = dict[tuple[str, int], Array | None]
"""What steps of the program give in each run, by their names."""


@dataclass(frozen=True)
class _Kept:
    """What was worked out, and what was stated then.

    Attributes
    ----------
    stated : dict of str to list of numpy.ndarray
    known : dict
    """

    stated: Mapping[str, Sequence[Array]]
    known: _Known

    def holds(self, stated: Mapping[str, Sequence[Array]]) -> bool:
        """Whether the same is stated now."""
        same = self.stated.keys() == stated.keys()
        return same and all(stated[name] is values for name, values in self.stated.items())


@dataclass
class State:
    """The code's own values of canonical quantities, one list entry for each run.

    Attributes
    ----------
    given : sequence of mapping
        The network's inputs in each run, where the code does not state them.
    stated : dict of str to list of numpy.ndarray
        What the code assigned, in canonical shape.
    taint : dict of str to int or None
        The position of the wrong finding that a value stems from.
    renewed : dict of str to list of numpy.ndarray
        Parameters that an update has given new values. A gradient still needs those of the forward pass,
        so they count only from the next forward pass on.
    scale : dict of str to float
        By the kind of derivative (``dz``, ``da``, ``dW``, ``db``), where the document keeps a multiple of it:
        -1 for its negative, the number of samples where the mean is left for later.
    samples_last : bool
        Whether the samples of a batch are its columns in the code.
    """

    given: Sequence[Mapping[str, Any]]
    program: Program
    stated: dict[str, list[Array]] = field(default_factory=dict)
    taint: dict[str, int | None] = field(default_factory=dict)
    renewed: dict[str, list[Array]] = field(default_factory=dict)
    scale: dict[str, float] = field(default_factory=dict)
    samples_last: bool = False
    _known: _Known | None = None
    _kept: _Kept | None = None

    def fixed(self) -> State:
        """Return the state as it is for many questions: what was worked out is kept while it stays."""
        if self._kept is None or not self._kept.holds(self.stated):
            self._kept = _Kept(dict(self.stated), {})
        return replace(self, _known=self._kept.known)

    def factor(self, name: str) -> float:
        """Return the factor with which the document keeps a quantity."""
        return self.scale.get(name[:2], 1.0) if not name.endswith("_new") else 1.0

    def copy(self) -> State:
        """Return the state as it is now."""
        stated, taint = dict(self.stated), dict(self.taint)
        return replace(self, stated=stated, taint=taint, renewed=dict(self.renewed), _known=None)

    def current(self) -> State:
        """Return the state with the parameters as the last update left them."""
        return replace(self, stated={**self.stated, **self.renewed}, _known=None)

    def commit(self) -> None:
        """A forward pass begins with the parameters as the last update left them."""
        for name, values in self.renewed.items():
            self.stated[name] = values
            self.taint[name] = self.taint.get(f"{name}_new")
        self.renewed.clear()

    def from_forward(self) -> State:
        """Return the state without the derivatives that the code has stated."""
        roles = {s.tensor.name: s.tensor.role for s in self.program.steps}
        kept = {n: v for n, v in self.stated.items() if roles.get(n) is not Role.ADJOINT}
        taint = {n: t for n, t in self.taint.items() if n in kept}
        return replace(self, stated=kept, taint=taint, _known=None)

    @property
    def runs(self) -> int:
        """The number of runs."""
        return len(self.given)

    def inputs(self, run: int) -> Mapping[str, Any]:
        """Return the network's inputs in one run."""
        return self.given[run]

    def expected(self, step: Step, run: int) -> Array | None:
        """Return the value of a step from the code's own values of what it uses."""
        if self._known is None:
            return self.fixed().expected(step, run)
        name = step.tensor.name
        if self.program.defining(name) is not step:
            return self._worked_out(step, run)
        if (name, run) not in self._known:
            self._known[name, run] = self._worked_out(step, run)
        return self._known[name, run]

    def _worked_out(self, step: Step, run: int) -> Array | None:
        with np.errstate(all="ignore"):
            tensors: dict[str, Array] = {}
            for name in step.uses:
                value = self.value(name, run)
                if value is None:
                    return None
                tensors[name] = value
            return evaluate_step(step, Scope(FLOAT, tensors, {}))

    def value(self, name: str, run: int, depth: int = 0) -> Array | None:
        """Return the code's value of a quantity, or what follows from the values it has."""
        if name in self.stated and run < len(self.stated[name]):
            return self.stated[name][run]
        if name in self.inputs(run):
            return np.asarray(self.inputs(run)[name], dtype=float)
        if depth > 60 or name not in self.program.tensors or any(t.name == name for t in self.program.inputs):
            return None
        if self._known is None:
            return self.fixed().value(name, run, depth)
        return self.expected(self.program.step(name), run)

    def root_of(self, name: str) -> int | None:
        """Return the wrong finding that a quantity stems from, or None."""
        if name in self.stated:
            return self.taint.get(name)
        found = self.roots(self.program.step(name))
        return found[0] if found else None

    def roots(self, step: Step) -> list[int]:
        """Return the wrong findings that the value of a step stems from, through everything it uses."""
        found, seen, stack = set(), set(), list(step.uses)
        while stack:
            name = stack.pop()
            if name in seen:
                continue
            seen.add(name)
            if name in self.stated:
                if (root := self.taint.get(name)) is not None:
                    found.add(root)
            elif name in {s.tensor.name for s in self.program.steps}:
                stack.extend(self.program.step(name).uses)
        return sorted(found)


@dataclass(frozen=True)
class Variant:
    """A step with one known mistake in it, the code of the mistake, and its statement where that is known."""

    code: str
    words: str
    step: Step
    fault: Assigned | None = None


def variants(step: Step, program: Program) -> Iterator[Variant]:
    """Yield a step with each mistake of the catalogue that an expression can have."""
    compact = delta_form(step, program) if step.tensor.role is Role.ADJOINT else step
    forms = [step] if compact == step else [step, compact]
    forms += [inner for form in list(forms) if (inner := _with_deltas_inside(form, program)) is not None]
    seen: set[sp.Expr] = {form.expr for form in forms}
    for form in forms:
        for code, words, expr in _edits(form, program):
            if expr not in seen and expr != 0 and not expr.has(sp.nan, sp.zoo, sp.oo, -sp.oo):
                seen.add(expr)
                yield Variant(code, words, replace(form, expr=expr))


def _with_deltas_inside(step: Step, program: Program) -> Step | None:
    """Put the definition of delta into a gradient, for code that computes it in one line."""
    from derive.calculus import substitute

    nodes = [n for n in step.expr.atoms(sp.Indexed) if name_of(n).startswith("dz")]
    if len(nodes) != 1 or step.expr.has(sp.Sum) or step.tensor.role is not Role.ADJOINT:
        return None
    inner = delta_form(program.step(name_of(nodes[0])), program)
    opened = substitute(inner.expr, dict(zip(inner.indices, nodes[0].indices, strict=True)))
    return replace(step, expr=step.expr.xreplace({nodes[0]: opened}))


def _edits(step: Step, program: Program) -> Iterator[tuple[str, str, sp.Expr]]:
    expr, role = step.expr, step.tensor.role
    if role is Role.UPDATED:
        gradient = next(n for n in expr.atoms(sp.Indexed) if name_of(n).startswith("d"))
        yield (
            "update-sign",
            "the step goes up the gradient: subtract it",
            expr.xreplace({gradient: -gradient}),
        )
        yield "missing-factor", "the learning rate is missing", expr.subs(sp.Indexed("eta", 0), 1)
        old = next(n for n in expr.atoms(sp.Indexed) if name_of(n) == step.tensor.of)
        change = expr.xreplace({old: sp.Integer(0)})
        words = f"the old {step.tensor.of} is lost: subtract the step from it, with -="
        yield "missing-term", words, change
        yield "missing-term", words, -change
        return
    if isinstance(expr, Activated):
        yield "other", f"the activation {expr.activation.name} is missing", expr.args[0]
    for factor, code, words in _FACTORS:
        if role in (Role.ADJOINT, Role.LOSS):
            yield code, words, expr * factor
    if role is Role.ADJOINT:
        yield "sign", "the sign is turned", -expr
    yield from _other_variables(expr, program)
    yield from _without_slope(expr)
    yield from _dropped(expr)
    yield from _transposed(expr)


_FACTORS = (
    (sp.Integer(2), "loss-factor", "a factor 2 too many (the 1/2 of the loss)"),
    (sp.Rational(1, 2), "loss-factor", "a factor 1/2 too many"),
)


def _other_variables(expr: sp.Expr, program: Program) -> Iterator[tuple[str, str, sp.Expr]]:
    """Take another quantity of the same shape: z for a, one layer for another, y for a."""
    tensors = program.tensors
    hidden = [
        t for t in tensors.values() if t.role in (Role.HIDDEN, Role.INPUT, Role.TARGET) and t.name != "eta"
    ]
    nodes = sorted((n for n in expr.atoms(sp.Indexed) if name_of(n) in {t.name for t in hidden}), key=str)
    for node in nodes:
        shape = tensors[name_of(node)].shape
        for other in hidden:
            if other.name != name_of(node) and other.shape == shape:
                changed = expr.xreplace({node: sp.Indexed(other.name, *node.indices)})
                yield "wrong-variable", f"{other.name} stands where {name_of(node)} belongs", changed


def _without_slope(expr: sp.Expr) -> Iterator[tuple[str, str, sp.Expr]]:
    """Take the derivative by an output for that by its preactivation."""
    for node in sorted((n for n in expr.atoms(sp.Indexed) if name_of(n).startswith("dz")), key=str):
        outer = sp.Indexed(f"da{name_of(node)[2:]}", *node.indices)
        words = f"the derivative of the activation is missing from {name_of(node)}"
        yield "missing-activation-derivative", words, expr.xreplace({node: outer})


def _dropped(expr: sp.Expr) -> Iterator[tuple[str, str, sp.Expr]]:
    for node in sp.preorder_traversal(expr):
        if isinstance(node, sp.Mul):
            for factor in node.args:
                if factor.has(sp.Indexed) or factor.is_Rational:
                    slope = isinstance(factor, Activated) and factor.order == 1
                    code = "missing-activation-derivative" if slope else "missing-factor"
                    yield code, f"the factor {factor} is missing", expr.xreplace({node: node / factor})
                    if slope:
                        double = expr.xreplace({node: node * factor})
                        yield "surplus-factor", f"the factor {factor} stands twice", double
        elif isinstance(node, sp.Add):
            for term in node.args:
                yield "missing-term", f"the term {term} is missing", expr.xreplace({node: node - term})
                yield "sign", f"the sign of {term} is turned", expr.xreplace({node: node - 2 * term})
                yield "other", f"the term {term} is added twice", expr.xreplace({node: node + term})


def _transposed(expr: sp.Expr) -> Iterator[tuple[str, str, sp.Expr]]:
    for node in sorted(expr.atoms(sp.Indexed), key=str):
        if len(node.indices) == 2 and name_of(node).startswith("W"):
            turned = expr.xreplace({node: sp.Indexed(node.base, *node.indices[::-1])})
            yield "transpose", f"{name_of(node)} is transposed", turned
