"""From array expressions to single calls that write into given arrays: three-address form.

``dz1 = da1 * a1 / q1`` becomes ``dz1 = np.multiply(da1, a1, out=@)`` and ``dz1 /= q1``; which array stands
for ``@`` is decided afterwards, in `codegen.modules.array_buffers`. What has no call of this form stays the
expression that it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import sympy as sp

from codegen.modules import heads
from codegen.modules.array_arithmetic import NoCallError, partial_sums
from codegen.modules.array_calls import CALLS, UFUNCS
from codegen.modules.array_dialect import NUMPY
from codegen.modules.array_instructions import Definition, Instruction, Kind
from codegen.modules.array_shapes import Shape, broadcast, shape_of
from codegen.modules.array_statements import Statements, stem_of
from codegen.modules.array_turned import Layout
from codegen.modules.writing import ATOM

_COUNT = sp.Symbol("N.item()")
"""The number of samples beside single numbers, where an array of no axes is slow."""


def instructions(definitions: Iterable[Definition], layout: Layout) -> list[Instruction]:
    """Return the statements that compute some values one after the other.

    Parameters
    ----------
    definitions : iterable of Definition
        In an order in which each is computed from those before it.
    layout : Layout
        How the arrays of the tensors lie; a value of shape ``()`` without samples is a number, not an array.
    """
    writer = Writer(layout, pending={d.name: d for d in definitions})
    for name in list(writer.pending):
        writer.define(name)
    return writer.made


@dataclass
class Writer(Statements):
    """Writes statements, and knows what has been computed.

    Attributes
    ----------
    pending : dict of str to Definition
        What is still to be computed.
    computed : dict
        The names of the expressions that have been computed.
    """

    pending: dict[str, Definition] = field(default_factory=dict)
    computed: dict[sp.Expr, sp.Expr] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.waiting = {d.expr: d.name for d in reversed(self.pending.values()) if d.expr.args}
        self.names |= {*self.pending, *self.layout.tensors}
        self.partial = partial_sums(d.expr for d in self.pending.values())

    def define(self, name: str) -> None:
        """Write the statements of a value, if that has not been done when another one needed it."""
        definition = self.pending.pop(name, None)
        if definition is None:
            return
        outer, self.comment = self.comment, definition.comment
        expr = self.computed.get(definition.expr, definition.expr)
        shape = self.layout.shape(name) if name in self.layout.tensors else self.shape(expr)
        self.shapes[name] = shape
        if expr.is_Symbol and self.shape(expr) == shape:
            self.add(name, str(expr), Kind.VIEW)
        elif not shape and not self.layout.has_samples(name):
            number = self.number(expr).xreplace({self.layout.samples: _COUNT})
            self.add(name, self.text(number), Kind.PLAIN)
        else:
            self.array(name, expr)
        if definition.expr.args:
            self.computed.setdefault(definition.expr, sp.Symbol(name, real=True))
        self.comment = outer

    def array(self, name: str, expr: sp.Expr) -> None:
        """Write the statements of an array: calls into it if there are such, else its expression."""
        comment = self.comment
        if not self.is_chain(name, expr):
            self.comment = comment
            self.copy(name, self.text(expr))

    def is_chain(self, name: str, expr: sp.Expr) -> bool:
        """Write the calls that leave an expression in an array, or nothing if there are none."""
        kept = len(self.made), dict(self.pending), dict(self.computed), dict(self.shapes), set(self.names)
        try:
            if self.shape(expr) != self.shapes[name]:
                raise NoCallError
            self.into(name, expr)
        except NoCallError:
            made, self.pending, self.computed, self.shapes, self.names = kept
            del self.made[made:]
            return False
        return True

    # Expressions

    def shape(self, expr: sp.Expr) -> Shape:
        """Return the shape of an expression."""
        return shape_of(expr, lambda name: self.shapes.get(name, self.layout.shape(name)))

    def text(self, expr: sp.Expr) -> str:
        """Return an expression as it is written whole."""
        return NUMPY.compile(expr)({}).source

    def is_leaf(self, expr: sp.Expr) -> bool:
        """Whether an expression is a name, turned or as a column, or a number."""
        inner = expr.args[0] if isinstance(expr, heads.Turned | heads.AsColumn) else expr
        return bool(inner.is_Symbol or inner.is_number)

    def is_written(self, expr: sp.Expr) -> bool:
        """Whether an expression is computed by calls into an array of its own."""
        if self.is_leaf(expr) or not any(self.is_value(s) for s in expr.free_symbols):
            return False
        return expr.func in CALLS or expr.func in UFUNCS

    def is_value(self, symbol: sp.Basic) -> bool:
        """Whether a symbol is an array; of one sample, a number for each sample is one too."""
        name = symbol.name
        if name in self.layout.tensors:
            return self.layout.has_samples(name) or self.layout.shape(name) != ()
        return name in self.shapes

    def leaf(self, expr: sp.Expr) -> sp.Expr:
        """Return what an operand is called, after the statements that compute it where it has no name yet."""
        if expr in self.computed:
            return self.computed[expr]
        if self.is_leaf(expr):
            return expr
        if isinstance(expr, heads.AsColumn | heads.Turned):
            return expr.func(self.leaf(expr.args[0]))
        if expr in self.waiting and self.waiting[expr] in self.pending:
            self.define(self.waiting[expr])
            return self.computed[expr]
        if not self.is_written(expr):
            return _condition(expr)
        name, outer = self.free_name(stem_of(expr), *expr.args[:1]), self.comment
        self.shapes[name], self.comment = self.shape(expr), ""
        chain = self.is_chain(name, expr)
        self.comment = outer
        if not chain:
            del self.shapes[name]
            return expr
        self.computed[expr] = sp.Symbol(name, real=True)
        return self.computed[expr]

    def operand(self, expr: sp.Expr) -> str:
        """Return how an operand is written, after the statements that compute it."""
        if expr == 1:
            return "one"
        return self.text(self.leaf(expr))

    def beside(self, name: str, expr: sp.Expr) -> str:
        """Return how an operand is written in an operation on an array, after spreading it to the same shape.

        Copying it is faster than an operation on two shapes, which NumPy does by way of a buffer of its own.
        """
        shape = self.shape(expr)
        if shape in ((), self.shapes[name]):
            return self.operand(expr)
        leaf, outer = self.leaf(expr), self.comment
        operand, spread = self.text(leaf), self.free_name("spread", leaf)
        self.shapes[spread], self.comment = self.shapes[name], ""
        self.copy(spread, operand)
        self.comment = outer
        return spread

    def receiver(self, expr: sp.Expr) -> str:
        """Return an operand of a product; what has no name may have another dtype, so it is copied."""
        leaf = self.leaf(expr)
        if not self.is_leaf(leaf):
            name, outer = self.free_name("", leaf), self.comment
            self.shapes[name], self.comment = self.shape(leaf), ""
            self.copy(name, self.text(leaf))
            self.comment = outer
            self.computed[expr] = leaf = sp.Symbol(name, real=True)
        return NUMPY.compile(leaf)({}).within(ATOM)

    def ones(self, expr: sp.Expr, axis: int) -> str:
        """Return the name of a vector of ones as long as an axis of an array."""
        return f"ones_{self.shape(expr)[axis]}"

    def number(self, expr: sp.Expr) -> sp.Expr:
        """Return a number in which every sum over all entries is a call on arrays that have a name."""
        if isinstance(expr, heads.SumAll | heads.SumAcross) and self.shape(expr) == ():
            return self.total(expr.args[0])
        if not expr.args:
            return expr
        args = [self.number(arg) for arg in expr.args]
        return expr.func(*args) if args != list(expr.args) else expr

    def total(self, body: sp.Expr) -> sp.Expr:
        """Return the sum over all entries, as an inner product where it is one."""
        inner = heads.InnerOfVectors if len(self.shape(body)) == 1 else heads.Inner
        if isinstance(body, sp.Pow) and body.exp == 2:
            base = self.leaf(body.base)
            return inner(base, base)
        if isinstance(body, sp.Mul):
            whole = self.shape(body)
            factors = [f for f in body.args if not f.is_number and self.shape(f) == whole]
            plain = sorted((f for f in factors if f.is_Symbol), key=str)
            if plain and len(factors) > 1 and len(factors) == len(body.args):
                rest = self.leaf(sp.Mul(*(f for f in body.args if f != plain[0])))
                if self.is_leaf(rest) and not rest.is_number:
                    return inner(plain[0], rest)
        return heads.SumAll(self.leaf(body))

    # Chains of calls into one array

    def into(self, name: str, expr: sp.Expr) -> None:
        """Write the statements that leave an expression in the array `name`."""
        function, rule = UFUNCS.get(expr.func), CALLS.get(expr.func)
        if function is not None:
            self.applied(name, function, expr.args[0])
        elif rule is not None:
            rule(self, name, expr)
        else:
            raise NoCallError

    def applied(self, name: str, function: str, argument: sp.Expr) -> None:
        """Write a function of an expression."""
        if self.starts(name, argument):
            self.into(name, argument)
            self.apply(name, function)
        else:
            self.call(name, function, self.operand(argument))

    def starts(self, name: str, expr: sp.Expr) -> bool:
        """Whether the chain of `name` begins with an expression: it has no name and the whole shape."""
        known = expr in self.computed or expr in self.partial or self.waiting.get(expr) in self.pending
        return not known and self.is_written(expr) and self.shape(expr) == self.shapes[name]

    def with_partial_sums(self, expr: sp.Add) -> sp.Add:
        """Return a sum in which terms that another sum has as well are one term, which has a name."""
        for part in self.partial:
            if set(part.args) < set(expr.args):
                return sp.Add(self.leaf(part), *(term for term in expr.args if term not in part.args))
        return expr

    def fills(self, name: str, *exprs: sp.Expr) -> bool:
        """Whether what is computed from some expressions element by element has the shape of an array."""
        return broadcast([self.shape(expr) for expr in exprs]) == self.shapes[name]


def _condition(expr: sp.Expr) -> sp.Expr:
    """Return a factor that is 1 or 0 as its condition."""
    if isinstance(expr, sp.Piecewise) and [branch.args[0] for branch in expr.args] == [1, 0]:
        condition: sp.Expr = expr.args[0].args[1]
        return condition
    return expr
