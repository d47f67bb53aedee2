"""Index calculus: local derivatives, renaming, sums."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import sympy as sp

from derive.building import rebuilt
from derive.functions import IndexMax
from derive.nodes import contains, nodes, symbol_names
from derive.program import fresh_letters, index, name_of, names_in, sum_over
from derive.slopes import NoRuleError, slope

Limit = tuple[sp.Symbol, sp.Expr, sp.Expr]


@dataclass(frozen=True)
class Partial:
    """One use of a tensor in an expression, with the derivative by it.

    ``d expr / d u[p]`` is the sum, over all uses, of ``value`` summed over ``bound`` where ``at == p``.

    Attributes
    ----------
    bound : tuple of (index, low, high)
        Sums inside the expression that surround the use, the innermost first, as ``Sum`` has them.
    at : tuple of sympy.Expr
        The indices with which the tensor is used.
    value : sympy.Expr
    """

    bound: tuple[Limit, ...]
    at: tuple[sp.Expr, ...]
    value: sp.Expr


def partials(
    expr: sp.Expr,
    name: str,
    letters: Iterator[sp.Symbol] | None = None,
    taken: Collection[sp.Symbol] = (),
) -> list[Partial]:
    """Differentiate an expression by every use of a tensor in it.

    The derivative of a sum is the sum of the derivatives.

    Parameters
    ----------
    expr : sympy.Expr
    name : str
        The tensor to differentiate by.
    letters : iterator of sympy.Symbol, optional
        Where new names for bound indices come from.
    taken : collection of sympy.Symbol
        Indices that mean something else: the step's own, and those of sums around the expression.
    """
    letters = letters or fresh_letters(symbol_names(expr))
    leaves = list(dict.fromkeys(_leaves(expr)))
    found: list[Partial] = []
    for leaf in leaves:
        if isinstance(leaf, sp.Indexed):
            if name_of(leaf) == name:
                found.append(Partial((), leaf.indices, _slope(expr, leaf, leaves)))
            continue
        if name not in names_in(leaf):
            continue
        outer = _slope(expr, leaf, leaves)
        new = {k: next(letters) if k in taken or outer.has(k) else k for k, _, _ in leaf.limits}
        limits = _limits_with(leaf.limits, {}, new)
        inside = partials(substitute(leaf.function, new), name, letters, {*taken, *new.values()})
        found += [Partial(p.bound + limits, p.at, outer * p.value) for p in inside]
    return _merged([p for p in found if p.value != 0])


def _slope(expr: sp.Expr, leaf: sp.Expr, leaves: Sequence[sp.Expr]) -> sp.Expr:
    """Return the derivative by a leaf; with functions by cases, SymPy's by real symbols for all leaves."""
    try:
        return slope(expr, leaf)
    except NoRuleError:
        # Of one name in every expression, so that SymPy finds again what it has differentiated once.
        symbols = {leaf: sp.Symbol(f"leaf {number:04}", real=True) for number, leaf in enumerate(leaves)}
        back = {symbol: leaf for leaf, symbol in symbols.items()}
        return _oriented(sp.diff(expr.xreplace(symbols), symbols[leaf]).xreplace(back))


def _oriented(expr: sp.Expr) -> sp.Expr:
    """Write ``sign(a - y)`` for ``-sign(y - a)``: SymPy orders by names, and differentiated stand-ins."""
    if not contains(expr, sp.sign):
        return expr
    return expr.replace(sp.sign, lambda u: -sp.sign(-u) if u.could_extract_minus_sign() else sp.sign(u))


def _merged(found: list[Partial]) -> list[Partial]:
    together: dict[tuple[tuple[Limit, ...], tuple[sp.Expr, ...]], sp.Expr] = {}
    for p in found:
        together[p.bound, p.at] = together.get((p.bound, p.at), sp.Integer(0)) + p.value
    return [Partial(bound, at, value) for (bound, at), value in together.items()]


def _leaves(expr: sp.Expr) -> Iterator[sp.Expr]:
    """Yield the outermost sums and elements of an expression."""
    stack = [expr]
    while stack:
        node = stack.pop()
        if isinstance(node, (sp.Indexed, sp.Sum)):
            yield node
        else:
            stack.extend(reversed(node.args))


def substitute(expr: sp.Expr, values: Mapping[sp.Expr, sp.Expr]) -> sp.Expr:
    """Replace free indices; bound ones are renamed first where a new value would be captured."""
    values = {old: new for old, new in values.items() if old != new}
    return _substituted(expr, values) if values else expr


def _substituted(expr: sp.Expr, values: Mapping[sp.Expr, sp.Expr]) -> sp.Expr:
    if isinstance(expr, (sp.Sum, IndexMax)):
        if not expr.free_symbols & values.keys():
            return expr
        arriving = {s for new in values.values() for s in new.free_symbols}
        bound = {k: k for k, _, _ in expr.limits}
        if not arriving.isdisjoint(bound):
            letters = fresh_letters(symbol_names(expr, *arriving))
            bound = {k: next(letters) if k in arriving else k for k in bound}
        inner = {**{old: new for old, new in values.items() if old not in bound}, **bound}
        body, limits = substitute(expr.args[0], inner), _limits_with(expr.limits, values, bound)
        return sum_over(body, limits) if isinstance(expr, sp.Sum) else IndexMax(body, *limits)
    if not expr.args:
        return values.get(expr, expr)
    return rebuilt(expr, [_substituted(arg, values) for arg in expr.args])


def _limits_with(
    limits: Iterable[Limit], values: Mapping[sp.Expr, sp.Expr], bound: Mapping[sp.Expr, sp.Expr]
) -> tuple[Limit, ...]:
    """Substitute in the ends of limits, innermost first; each may mention the indices after it."""
    ends, made = dict(values), []
    for k, low, high in reversed(tuple(limits)):
        made.append((bound[k], substitute(low, ends), substitute(high, ends)))
        ends[k] = bound[k]
    return tuple(reversed(made))


def summed(body: sp.Expr, limits: Iterable[Limit]) -> sp.Expr:
    """Return ``Sum(body, *limits)`` with every factor that no index needs moved out, term by term."""
    limits = tuple(limits)
    if not limits or body == 0:
        return body
    if isinstance(body, sp.Add):
        return sp.Add(*(summed(term, limits) for term in body.args))
    moving = {k for k, _, _ in limits}
    inside: list[sp.Expr] = []
    outside: list[sp.Expr] = []
    for factor in sp.Mul.make_args(body):
        (inside if factor.free_symbols & moving else outside).append(factor)
    used = {s for factor in inside for s in factor.free_symbols}
    used |= {s for limit in limits for s in _in_bounds(limit)}
    idle = [limit for limit in limits if limit[0] not in used and _has_constant_length(limit, moving)]
    kept = [limit for limit in limits if limit not in idle]
    # ``Sum`` of a ``Sum`` is one ``Sum``, in which every index has to have a name of its own.
    core = renamed_bounds(sp.Mul(*inside), [k.name for k in moving])
    lengths = (high - low + 1 for _, low, high in idle)
    return sp.Mul(*outside, *lengths, sum_over(core, _innermost_first(kept)) if kept else core)


def _in_bounds(limit: Limit) -> set[sp.Basic]:
    _, low, high = limit
    return low.free_symbols | high.free_symbols


def _has_constant_length(limit: Limit, moving: set[sp.Symbol]) -> bool:
    """Whether ``high - low + 1`` is the number of terms; that of a clipped range may be below 0."""
    _, low, high = limit
    clipped = any(end.has(sp.Max, sp.Min, sp.floor, sp.ceiling) for end in (low, high))
    return not clipped and not _in_bounds(limit) & moving


def _innermost_first(limits: Iterable[Limit]) -> list[Limit]:
    """Order limits as ``Sum`` reads them: one whose ends mention an index stands before that index."""
    waiting, ordered = list(limits), []
    while waiting:
        free = (li for li in waiting if not any(li[0] in _in_bounds(other) for other in waiting))
        ordered.append(next(free))
        waiting.remove(ordered[-1])
    return ordered


def factored(expr: sp.Expr) -> sp.Expr:
    """Return an equal expression with common factors in front: SymPy's ``factor_terms``."""
    return expr if _is_factored(expr) else sp.factor_terms(expr)


def _is_factored(expr: sp.Expr) -> bool:
    """Whether nothing can be factored in powers and sums of products, either."""
    if isinstance(expr, sp.Add):
        return _shares_no_factor(expr)
    if isinstance(expr, sp.Pow):
        return isinstance(expr.exp, sp.Integer) and (_is_product(expr.base) or _is_factored(expr.base))
    if isinstance(expr, sp.Mul):
        number_of_a_sum = len(expr.args) == 2 and expr.args[0].is_number and isinstance(expr.args[1], sp.Add)
        return not number_of_a_sum and all(map(_is_factored, expr.args))
    if isinstance(expr, sp.Sum) and isinstance(expr.function, sp.Mul | sp.Pow):
        bound = set(expr.bound_symbols)
        factors = sp.Mul.make_args(expr.function)
        return all(factor.free_symbols & bound and _is_factored(factor) for factor in factors)
    return _is_product(expr)


def _shares_no_factor(expr: sp.Add) -> bool:
    """Whether no factor, sign or number is common to the terms of a sum, which are plain products."""
    pairs = [term.as_coeff_Mul() for term in expr.args]
    if not all(abs(number) == 1 for number, _ in pairs) or all(number == -1 for number, _ in pairs):
        return False
    factors = [sp.Mul.make_args(rest) for _, rest in pairs]
    if not all(_is_product(factor) for part in factors for factor in part):
        return False
    return not set.intersection(*(set(part) - {sp.Integer(1)} for part in factors))


def _is_product(expr: sp.Expr) -> bool:
    """Whether nothing can be factored: a product of elements, functions of one and sums of such products."""
    if isinstance(expr, sp.Sum):
        bound = set(expr.bound_symbols)
        factors = sp.Mul.make_args(expr.function)
        return all(factor.free_symbols & bound and _is_product(factor) for factor in factors)
    if isinstance(expr, sp.Mul):
        return all(map(_is_product, expr.args))
    if isinstance(expr, sp.Function):
        return all(isinstance(arg, sp.Indexed) for arg in expr.args)
    return bool(expr.is_Atom)


def tidied(expr: sp.Expr) -> sp.Expr:
    """Return an equal expression with numbers and signs in front of its sums, not inside."""
    if not isinstance(expr, sp.Sum):
        if not contains(expr, sp.Sum):
            return expr
        found = factored(rebuilt(expr, [tidied(arg) for arg in expr.args]))
        if not any(map(_is_sum_of_constants, nodes(found, sp.Sum))):
            return found
        return found.replace(_is_sum_of_constants, lambda s: summed(s.function, s.limits))
    scale, body = factored(tidied(expr.function)).as_coeff_Mul()
    if body.could_extract_minus_sign():
        scale, body = -scale, -body
    return expr if body is expr.function else scale * sum_over(body, expr.limits)


def _is_sum_of_constants(expr: sp.Expr) -> bool:
    return isinstance(expr, sp.Sum) and not expr.function.free_symbols & set(expr.bound_symbols)


def renamed_bounds(expr: sp.Expr, taken: Iterable[str]) -> sp.Expr:
    """Rename bound indices that clash with the names in `taken`."""
    reserved = {index(name) for name in taken}
    if not isinstance(expr, sp.Sum):
        if not contains(expr, sp.Sum):
            return expr
        return rebuilt(expr, [renamed_bounds(arg, taken) for arg in expr.args])
    if not contains(expr.function, sp.Sum) and not reserved & set(expr.bound_symbols):
        return expr
    letters = fresh_letters({*symbol_names(expr), *taken})
    names = {k: next(letters) if k in reserved else k for k, _, _ in expr.limits}
    body = substitute(renamed_bounds(expr.function, taken), names)
    return sum_over(body, _limits_with(expr.limits, {}, names))
