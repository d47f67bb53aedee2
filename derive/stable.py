"""Rewrite scalar expressions in ``z`` into forms that neither overflow nor cancel.

Everything rests on one substitution. An expression whose exponentials are all powers of one
``t = exp(u)`` is a rational function of ``t``. Where its denominator is ``t^m (1 + t)^q``, each term
is a product of powers of ``Sigmoid(u) = t / (1 + t)``, ``Sigmoid(-u) = 1 / (1 + t)`` and
``tanh(u / 2) = (t - 1) / (t + 1)``, all of which are safe. What does not fit stays as it is: the rewrite
is exact algebra, and tests compare both sides at many points to 50 digits.
"""

from __future__ import annotations

from functools import lru_cache
from math import gcd, lcm

import sympy as sp

from derive.functions import Expm1, LogSoftplus, NormalCdf, Sigmoid, Softplus, Z

T = sp.Symbol("t", positive=True)
"""Stands for the exponential that an expression is rational in."""

MOST_OPERATIONS, MOST_SYMBOLS, MOST_DEGREE = 150, 8, 40
"""What is larger stays as it is; the named activations reach 31, 6 and 15."""


@lru_cache(maxsize=1024)
def stabilise(expr: sp.Expr) -> sp.Expr:
    """Return an equal expression in functions that are safe for every real argument.

    Parameters
    ----------
    expr : sympy.Expr
        A scalar expression in real symbols.

    Returns
    -------
    sympy.Expr
        The rewritten expression, or `expr` itself where no rule applies.
    """
    if isinstance(expr, sp.Piecewise):
        branches = [(stabilise(body), guard) for body, guard in _guarded(expr)]
        if [guard for _, guard in branches] == [sp.Gt(Z, 0), sp.true]:
            branches[1] = (_clamped(branches[1][0]), sp.true)
        return sp.Piecewise(*branches)
    if expr.has(sp.Piecewise):
        return expr.func(*(stabilise(arg) for arg in expr.args)) if expr.args else expr
    expr = _without_erf(expr)
    expr = expr.replace(lambda e: isinstance(e, sp.log), lambda e: _log(e.args[0]))
    expr = _without_vanishing_quotient(expr)
    if isinstance(expr, sp.tanh) or not expr.has(sp.exp, sp.tanh):
        return expr
    opaque = {call: sp.Dummy(real=True) for call in _maximal_calls(expr)}
    names = {dummy: call for call, dummy in opaque.items()}
    found = _products(expr.xreplace(opaque))
    return expr if found is None else _without_vanishing_quotient(found.xreplace(names))


def _maximal_calls(expr: sp.Expr) -> list[sp.Expr]:
    """Return the outermost function calls that are no exponential, nor tanh, of the variables themselves."""
    if isinstance(expr, sp.Function) and (
        not isinstance(expr, (sp.exp, sp.tanh)) or expr.args[0].has(sp.Function)
    ):
        return [expr]
    return [call for arg in expr.args for call in _maximal_calls(arg)]


def _guarded(expr: sp.Piecewise) -> list[tuple[sp.Expr, sp.Basic]]:
    return [(branch.expr, branch.cond) for branch in expr.args]


def _clamped(body: sp.Expr) -> sp.Expr:
    """Keep the branch beside ``z > 0`` from overflowing where it is not taken.

    A ``Piecewise`` is evaluated in all its branches. This one sees only ``z <= 0``, so ``z`` may be
    ``Min(z, 0)`` in its exponentials.
    """
    return body.replace(
        lambda e: isinstance(e, (sp.exp, Expm1)) and e.args[0].has(Z),
        lambda e: e.func(sp.Min(e.args[0], 0)),
    )


def _without_erf(expr: sp.Expr) -> sp.Expr:
    """Theorem: ``erf(v) = 2 Phi(sqrt(2) v) - 1``, with ``Phi`` the normal distribution function."""
    if not expr.has(sp.erf):
        return expr
    swapped = expr.replace(sp.erf, lambda v: 2 * NormalCdf(sp.sqrt(2) * v) - 1)
    return swapped if _is_large(swapped) else sp.expand(swapped)


def _products(expr: sp.Expr) -> sp.Expr | None:
    """Rewrite a rational function of one exponential as a sum of safe products, or return None."""
    at_once = _as_one_product(expr)
    if at_once is not None:
        return at_once
    found = as_rational(expr)
    if found is None:
        return None
    fraction, u = found
    numerator, denominator = sp.fraction(sp.cancel(sp.together(fraction)))
    numerator, denominator, u = _in_lowest_power(numerator, denominator, u)
    scale, factors = sp.factor_list(denominator, T)
    powers = dict(factors)
    t_power, q = powers.pop(T, 0), powers.pop(T + 1, 0)
    if any(base.has(T) for base in powers):
        return None
    scale *= sp.Mul(*(base**power for base, power in powers.items()))
    others = sorted(numerator.free_symbols - {T}, key=str)
    if not numerator.is_polynomial(T, *others):
        return None
    if t_power == 0 and q == 0 and numerator == T - 1:
        return Expm1(u) / scale
    terms = [_monomial(c, t_power, q, u) for c in _coefficients(numerator, others)]
    return None if None in terms else sp.Add(*(term / scale for term in terms))


def _as_one_product(expr: sp.Expr) -> sp.Expr | None:
    """Rewrite ``c exp(u)^a (1 + exp(u))^b``, the form of a sigmoid and its derivatives, without polynomials.

    Each ``u`` may have the other sign: ``1 + exp(-u)`` is ``(1 + t) / t`` with ``t = exp(u)``. The answer is
    None for any other form, and where the product is not safe.
    """
    p, q, scale, unit = 0, 0, sp.Integer(1), None
    for factor in sp.Mul.make_args(expr):
        base, power = (factor.base, factor.exp) if isinstance(factor, sp.Pow) else (factor, sp.Integer(1))
        whole = isinstance(base, sp.Add)
        call = _beside_one(base) if whole else base
        if not isinstance(call, sp.exp):
            if not (base.is_Rational or (base.is_Symbol and power.is_Integer and power > 0)):
                return None
            scale *= factor
            continue
        u = call.args[0]
        sign = -1 if u.could_extract_minus_sign() else 1
        if not power.is_Integer or (unit is not None and unit != sign * u):
            return None
        unit = sign * u
        p += int(power) * (sign if not whole else min(sign, 0))
        q -= int(power) * whole
    return _power_product(p, q, unit, scale) if unit is not None and q > 0 else None


def _beside_one(expr: sp.Add) -> sp.Expr | None:
    """Return the other term of ``1 + u``."""
    return expr.args[1] if len(expr.args) == 2 and expr.args[0] == 1 else None


def as_rational(expr: sp.Expr) -> tuple[sp.Expr, sp.Expr] | None:
    """Return the expression as a function of ``t = exp(u)``, and ``u``; None if it is none or too large."""
    if _is_large(expr):
        return None
    expr = expr.replace(sp.tanh, lambda v: (sp.exp(2 * v) - 1) / (sp.exp(2 * v) + 1))
    if not expr.has(sp.exp):
        return None
    exponents = sorted((e.args[0] for e in expr.atoms(sp.exp)), key=sp.default_sort_key)
    ratios = [sp.cancel(e / exponents[0]) for e in exponents]
    if not all(r.is_Rational for r in ratios):
        return None
    unit = sp.Rational(gcd(*(int(r.p) for r in ratios)), lcm(*(int(r.q) for r in ratios)))
    if any(abs(r / unit) > MOST_DEGREE for r in ratios):
        return None
    u = exponents[0] * unit
    u = -u if u.could_extract_minus_sign() else u
    fraction = expr.replace(sp.exp, lambda e: T ** sp.cancel(e / u))
    if _is_large(fraction):
        return None
    opaque = fraction.has(sp.exp, sp.tanh) or any(e.has(T) for e in fraction.atoms(sp.Function))
    return None if opaque else (fraction, u)


def _is_large(expr: sp.Expr) -> bool:
    """Whether expanding the expression may take long: the effort grows fast with each of these."""
    return bool(
        expr.count_ops() > MOST_OPERATIONS
        or len(expr.free_symbols) > MOST_SYMBOLS
        or _degree(expr) > MOST_DEGREE
    )


def _degree(expr: sp.Expr) -> sp.Rational:
    """Return what the degree of numerator and denominator can be in all symbols together, at the most."""
    if isinstance(expr, sp.Pow) and expr.exp.is_Rational:
        return abs(expr.exp) * _degree(expr.base)
    if isinstance(expr, (sp.Add, sp.Mul)):
        return sum(map(_degree, expr.args), start=sp.Integer(0))
    return sp.Integer(0 if expr.is_number else 1)


def _in_lowest_power(num: sp.Expr, den: sp.Expr, u: sp.Expr) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    """Take ``t^g`` for ``t`` where only powers of it occur: ``(t^2 - 1)/(t^2 + 1)`` is a tanh."""
    if not (num.is_polynomial(T) and den.is_polynomial(T)):
        return num, den, u
    g = gcd(*(power for part in (num, den) for (power,) in sp.Poly(part, T).monoms()))
    if g <= 1:
        return num, den, u
    return *(part.subs(T, T ** sp.Rational(1, g)) for part in (num, den)), g * u


def _coefficients(numerator: sp.Expr, others: list[sp.Symbol]) -> list[sp.Expr]:
    """Split the numerator into parts that are each a polynomial in ``t`` times a monomial in the rest."""
    if not others:
        return [numerator]
    terms = sp.Poly(numerator, *others, domain="EX").terms()
    return [c * sp.Mul(*(s**k for s, k in zip(others, m, strict=True))) for m, c in terms]


def _monomial(term: sp.Expr, t_power: int, q: int, u: sp.Expr) -> sp.Expr | None:
    """Write ``term / (t^m (1 + t)^q)`` as powers of Sigmoid(u), Sigmoid(-u) and tanh(u / 2)."""
    scale, factors = sp.factor_list(term, T)
    powers = dict(factors)
    p, r, s = powers.pop(T, 0), powers.pop(T + 1, 0), powers.pop(T - 1, 0)
    scale *= sp.Mul(*(base**power for base, power in powers.items() if not base.has(T)))
    rest = sp.Mul(*(base**power for base, power in powers.items() if base.has(T)))
    p, q = p - t_power, q - r - s
    if rest.has(T):
        coefficients = sp.Poly(rest, T).terms()
        if not all(c.is_positive for _, c in coefficients):
            return None
    else:
        coefficients = [((0,), sp.Integer(1))]
    safe = [_power_product(p + k, q, u, c) for (k,), c in coefficients]
    if None in safe or (s and q < 0):
        return None
    return sp.Add(*(scale * sp.tanh(u / 2) ** s * term for term in safe))


def _power_product(p: int, q: int, u: sp.Expr, scale: sp.Expr) -> sp.Expr | None:
    """Theorem: ``t^p / (1 + t)^q = Sigmoid(u)^p Sigmoid(-u)^(q - p)`` with ``t = exp(u)``."""
    if q == 0:
        return scale * sp.exp(p * u)
    if not 0 <= p <= q:
        return None
    return scale * Sigmoid(u) ** p * Sigmoid(-u) ** (q - p)


def _without_vanishing_quotient(expr: sp.Expr) -> sp.Expr:
    """Theorem: ``Sigmoid(u) / Softplus(u) = exp(log Sigmoid(u) - log Softplus(u))``, which is never 0 / 0."""

    def rewrite(product: sp.Mul) -> sp.Expr:
        for part in product.args:
            base, power = part.as_base_exp()
            if isinstance(base, Softplus) and power == -1 and Sigmoid(base.args[0]) in product.args:
                u = base.args[0]
                return product / part / Sigmoid(u) * sp.exp(-Softplus(-u) - LogSoftplus(u))
        return product

    return expr.replace(lambda e: isinstance(e, sp.Mul), rewrite) if expr.has(Softplus) else expr


def _log(argument: sp.Expr) -> sp.Expr:
    """Theorem: ``log Sigmoid(u) = -Softplus(-u)``, and the logarithm of a product is a sum."""
    argument = stabilise(argument)
    if argument.has(sp.exp, sp.tanh):
        found = as_rational(argument)
        if found is not None:
            as_sum = _log_of_fraction(*found)
            if as_sum is not None:
                return as_sum
    parts = sp.Mul.make_args(argument)
    if not any(isinstance(part.as_base_exp()[0], (Sigmoid, Softplus, sp.exp)) for part in parts):
        return sp.log(argument)
    return sp.Add(*(_log_of_power(*part.as_base_exp()) for part in parts))


def _log_of_fraction(fraction: sp.Expr, u: sp.Expr) -> sp.Expr | None:
    """Theorem: ``log(c t^p (1 + t)^q) = log c + p u + q Softplus(u)`` with ``t = exp(u)``."""
    powers: dict[sp.Expr, int] = {}
    constant = sp.Integer(1)
    for part, sign in zip(sp.fraction(sp.cancel(sp.together(fraction))), (1, -1), strict=True):
        if not part.is_polynomial(T):
            return None
        scale, factors = sp.factor_list(part, T)
        constant *= scale**sign
        for base, power in factors:
            powers[base] = powers.get(base, 0) + sign * power
    p, q = powers.pop(T, 0), powers.pop(T + 1, 0)
    if any(base.has(T) for base in powers) or not q:
        return None
    constant *= sp.Mul(*(base**power for base, power in powers.items()))
    if p == -q:
        return sp.log(constant) + q * Softplus(-u)
    return sp.log(constant) + p * u + q * Softplus(u)


def _log_of_power(base: sp.Expr, power: sp.Expr) -> sp.Expr:
    if isinstance(base, Sigmoid):
        return -power * Softplus(-base.args[0])
    if isinstance(base, Softplus):
        return power * LogSoftplus(base.args[0])
    if base is sp.E:
        return power
    return power * sp.log(base)
