"""Reverse accumulation: a program extended by the steps of its gradient."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

import sympy as sp

from derive.building import rebuilt
from derive.calculus import Limit, Partial, factored, partials, renamed_bounds, substitute, tidied
from derive.contraction import contract
from derive.nodes import contains, symbol_names
from derive.program import Program, Role, Rule, Step, Tensor, element, fresh_letters, index, sum_over
from derive.recognise import recognise

PREFIX = "d"
"""The adjoint of ``u``, the derivative of the loss by ``u``, has the name ``du``."""


def adjoint_name(name: str) -> str:
    """Return the canonical name of the adjoint of a tensor."""
    return PREFIX + name


def differentiate(program: Program, loss: str = "L", wrt: Collection[str] | None = None) -> Program:
    """Return the program with one adjoint step for each tensor that the gradient needs.

    Theorem (reverse accumulation): ``dL/du[p]`` is the sum, over the steps ``v`` that use ``u``, of
    ``Sum(dL/dv[i] * dv[i]/du[p], i)``. Steps are visited from the last to the first, so that the
    adjoint of ``v`` is complete before it is used.

    Parameters
    ----------
    program : Program
        The forward program.
    loss : str
        The scalar tensor to differentiate.
    wrt : collection of str, optional
        The tensors whose gradients are asked for; the parameters by default.

    Returns
    -------
    Program
        The steps of `program`, followed by the adjoint steps, ``dz2`` before ``dW2`` before ``da1``.

    Raises
    ------
    ValueError
        If a tensor asked for does not exist or the loss does not depend on it, or if the loss is no
        scalar that a step defines.
    """
    defined = program.defining(loss)
    if defined is None:
        raise ValueError(f"no step defines the loss {loss!r}; the program has {', '.join(program.tensors)}")
    if defined.tensor.shape:
        raise ValueError(f"{loss} has the shape {defined.tensor.shape}: only a scalar is differentiated")
    wanted = [t.name for t in program.with_role(Role.PARAMETER)] if wrt is None else list(wrt)
    depends = _dependents(program, wanted)
    for name in wanted:
        if name not in program.tensors:
            raise ValueError(f"there is no tensor {name!r}; the program has {', '.join(program.tensors)}")
    leaves, first_reader = {t.name for t in program.inputs}, _first_readers(program, depends)
    order = {name: place for place, name in enumerate(program.tensors)}
    contributions: dict[str, list[_Contribution]] = {}
    steps: list[Step] = []
    for consumer in reversed(program.steps):
        name = consumer.tensor.name
        if name not in depends:
            continue
        if name != loss:
            if name not in contributions:
                continue
            steps.append(_adjoint_step(program, name, contributions.pop(name)))
        for used in _by_kind(program, order, consumer.uses & depends):
            found = _contribution(program, consumer, used, seed=name == loss)
            if found is not None:
                contributions.setdefault(used, []).append(found)
        done = [n for n in contributions if n in leaves and first_reader[n] == name]
        steps.extend(_adjoint_step(program, n, contributions.pop(n)) for n in done)
    reached = {step.tensor.name for step in steps}
    unreached = [n for n in wanted if adjoint_name(n) not in reached]
    if unreached:
        raise ValueError(f"{loss} does not depend on {', '.join(unreached)}")
    return Program(program.inputs, (*program.steps, *steps))


class _Contribution:
    """The part of an adjoint that comes from one step that uses the tensor."""

    def __init__(self, consumer: Step, uses: list[Partial], seed: bool) -> None:
        self.consumer, self.uses, self.seed = consumer, uses, seed

    def letters(self) -> list[sp.Expr]:
        return list(self.uses[0].at)


def _dependents(program: Program, wanted: Iterable[str]) -> set[str]:
    """Return the tensors that depend on one of `wanted`, themselves included."""
    depends = set(wanted)
    for step in program.steps:
        if step.uses & depends:
            depends.add(step.tensor.name)
    return depends


def _first_readers(program: Program, depends: set[str]) -> dict[str, str]:
    """Return, for each tensor, the first step that uses it: the last one that reverse order visits."""
    readers: dict[str, str] = {}
    for step in program.steps:
        if step.tensor.name in depends:
            for used in step.uses:
                readers.setdefault(used, step.tensor.name)
    return readers


def _by_kind(program: Program, order: Mapping[str, int], names: Iterable[str]) -> list[str]:
    """Parameters first, in the order of definition, so that ``dW2`` and ``db2`` stand beside ``dz2``."""
    return sorted(names, key=lambda n: (program.tensors[n].role is not Role.PARAMETER, order[n]))


def _contribution(program: Program, consumer: Step, used: str, seed: bool) -> _Contribution | None:
    letters = fresh_letters(symbol_names(consumer.expr, *consumer.indices))
    found = partials(consumer.expr, used, letters, consumer.indices)
    uses = [replace(p, value=recognise(p.value, program)) for p in found]
    uses.sort(key=lambda use: len(use.bound))
    return _Contribution(consumer, uses, seed) if uses else None


def _adjoint_step(program: Program, name: str, parts: list[_Contribution]) -> Step:
    tensor = program.tensors[name]
    result = _result_indices(tensor, parts)
    wanted = tuple((k, sp.Integer(0), extent - 1) for k, extent in zip(result, tensor.shape, strict=True))
    terms = [_term(part, use, wanted) for part in parts for use in part.uses]
    expr = renamed_bounds(tidied(factored(sp.Add(*terms))), [k.name for k in result])
    consumers = [part.consumer for part in parts]
    return Step(
        Tensor(adjoint_name(name), Role.ADJOINT, tensor.shape, of=name),
        result,
        expr,
        _rule(consumers),
        tuple(dict.fromkeys(a for c in consumers for a in c.assumptions)),
    )


def _rule(consumers: list[Step]) -> Rule:
    through = ", ".join(c.tensor.name for c in reversed(consumers))
    if len(consumers) > 1:
        return Rule("chain rule, several uses", f"the sum over the chains through {through}")
    return Rule("chain rule", f"chain rule through {through}")


def _result_indices(tensor: Tensor, parts: list[_Contribution]) -> tuple[sp.Symbol, ...]:
    """Name the indices of an adjoint as its first use names them, as far as it does."""
    letters = fresh_letters(())
    names: list[sp.Symbol] = []
    for at in parts[0].letters()[: len(tensor.shape)]:
        plain = at.is_Symbol and at not in names
        names.append(index(at.name) if plain else next(k for k in letters if k not in names))
    return tuple(names)


def _term(part: _Contribution, use: Partial, wanted: tuple[Limit, ...]) -> sp.Expr:
    step = part.consumer
    own: tuple[Limit, ...] = tuple(
        (k, sp.Integer(0), extent - 1) for k, extent in zip(step.indices, step.tensor.shape, strict=True)
    )
    limits = (*own, *use.bound)
    letters = _private(limits)
    private = {k: next(letters) for k, _, _ in limits}
    value = substitute(use.value, private)
    body = (
        value
        if part.seed
        else element(adjoint_name(step.tensor.name), [private[k] for k in step.indices]) * value
    )
    moved = tuple((private[k], substitute(lo, private), substitute(hi, private)) for k, lo, hi in limits)
    at = tuple(substitute(e, private) for e in use.at)[: len(wanted)]
    result = contract(body, moved, at, wanted)
    public = {new: old for old, new in private.items()}
    return _with_public_names(result, public, [k.name for k, _, _ in wanted])


def _private(limits: Iterable[Limit]) -> Iterator[sp.Symbol]:
    for number, _ in enumerate(limits):
        yield index(f"_{number}")


def _with_public_names(expr: sp.Expr, public: dict[sp.Symbol, sp.Symbol], taken: list[str]) -> sp.Expr:
    """Give bound indices their names from the step back, or a new letter where that is taken."""
    if not isinstance(expr, sp.Sum):
        if not contains(expr, sp.Sum):
            return expr
        return rebuilt(expr, [_with_public_names(arg, public, taken) for arg in expr.args])
    body = _with_public_names(expr.function, public, taken)
    used = {*taken, *symbol_names(body)}
    letters = fresh_letters(used)
    names: dict[sp.Symbol, sp.Symbol] = {}
    for k, _, _ in expr.limits:
        old = public.get(k, k)
        names[k] = old if old.name not in used else next(letters)
        used.add(names[k].name)
    limits = [(names[k], substitute(lo, names), substitute(hi, names)) for k, lo, hi in expr.limits]
    return sum_over(substitute(body, names), limits)
