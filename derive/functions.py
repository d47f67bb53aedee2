"""Elementary functions that keep their digits where the textbook form loses them.

Each states its textbook formula; its derivative is SymPy's derivative of that formula, rewritten
in functions of this kind by `derive.stable`, which proves what it rewrites. Backends (floats,
NumPy, C) implement these heads, so that a rewritten program is safe at any argument.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, ClassVar

import sympy as sp
from sympy.core.function import ArgumentIndexError

Z = sp.Symbol("z", real=True)


class Call(sp.Function):
    """A function with nothing in its values to simplify: its call is built without a search for that."""

    def __new__(cls, *args: Any) -> Call:
        """Build the call; ``TypeError`` if the number of arguments is not that of the function."""
        nodes = [sp.Integer(arg) if isinstance(arg, int) else arg for arg in args]
        if cls._nargs and len(nodes) not in cls._nargs:
            raise TypeError(f"{cls.__name__} takes {cls._nargs[0]} arguments, not {len(nodes)}")
        made: Call = sp.Expr.__new__(cls, *nodes)
        return made


class Elementary(Call):
    """A function of one real argument with a textbook formula in ``z``."""

    formula: ClassVar[sp.Expr]
    nargs = 1

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """Return the derivative with respect to the only argument."""
        if argindex != 1:
            raise ArgumentIndexError(self, argindex)
        return _derivative(self.formula).xreplace({Z: self.args[0]})

    def _eval_is_real(self) -> bool | None:
        return bool(self.args[0].is_real) or None


@lru_cache(maxsize=1024)
def _derivative(formula: sp.Expr) -> sp.Expr:
    from derive.stable import stabilise

    return stabilise(sp.diff(formula, Z))


class Sigmoid(Elementary):
    """The logistic function, 1 / (1 + exp(-z)); ``1 - Sigmoid(z)`` is ``Sigmoid(-z)``."""

    formula = 1 / (1 + sp.exp(-Z))


class Softplus(Elementary):
    """``log(1 + exp(z))``, minus the logarithm of ``Sigmoid(-z)``."""

    formula = sp.log(1 + sp.exp(Z))


class Expm1(Elementary):
    """``exp(z) - 1``, without cancellation near 0."""

    formula = sp.exp(Z) - 1


class NormalCdf(Elementary):
    """The distribution function of the standard normal, (1 + erf(z / sqrt 2)) / 2."""

    formula = (1 + sp.erf(Z / sp.sqrt(2))) / 2


class LogSoftplus(Elementary):
    """``log(log(1 + exp(z)))``, which is near ``z`` where softplus underflows."""

    formula = sp.log(sp.log(1 + sp.exp(Z)))


class OneWhereZero(Call):
    """``OneWhereZero(y, u)`` is 1 where ``y`` is 0, and ``u`` elsewhere.

    ``y log OneWhereZero(y, u)`` is ``y log u`` with ``0 log 0 = 0``; ``y / OneWhereZero(y, u)`` is its slope.
    """

    nargs = 2


class IndexMax(sp.Expr):
    """The largest value of an expression over an index, ``IndexMax(body, (k, low, high))``.

    Like ``Sum``, it binds its index. It occurs in stabilised programs only and is not differentiated.
    """

    def __new__(cls, body: sp.Expr, limits: Any) -> IndexMax:
        """Build the node from a body and one triple of limits."""
        return sp.Expr.__new__(cls, body, sp.Tuple(*limits))

    @property
    def body(self) -> sp.Expr:
        """The expression whose largest value is meant."""
        return self.args[0]

    @property
    def limits(self) -> tuple[sp.Tuple]:
        """The bound index with its range, as ``Sum`` keeps it."""
        return (self.args[1],)

    @property
    def free_symbols(self) -> set[sp.Basic]:
        """The symbols that are not bound."""
        k, low, high = self.args[1]
        return (self.body.free_symbols - {k}) | low.free_symbols | high.free_symbols
