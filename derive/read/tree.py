"""The typed tree of a formula that was read: what the notes say, not yet what it is worth.

Every node carries the half-open span of the original text that it was read from. Spans take no part in
equality, so that two readings of the same formula compare equal wherever they stand.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal, NamedTuple

Role = Literal["layer", "transpose", "power", "update", "sample", "index", "label", "mark"]
ScriptKind = Literal["bare", "braces", "()", "[]", "attached", "index"]


class Span(NamedTuple):
    """Half-open range ``[start, end)`` of offsets in the text as it was given."""

    start: int
    end: int

    def slice(self, text: str) -> str:
        """Return the part of `text` that this span covers."""
        return text[self.start : self.end]

    def to(self, other: Span) -> Span:
        """Return the smallest span that covers this one and `other`."""
        return Span(min(self.start, other.start), max(self.end, other.end))


@dataclass(frozen=True)
class Node:
    """Base of every node."""

    span: Span = field(compare=False, kw_only=True)


@dataclass(frozen=True)
class Number(Node):
    """A decimal number as printed.

    `unit` is one unit in the last place that is displayed (1/100 for ``0.25``, 1 for ``3``, 1/10**4 for
    ``1.2e-3``), which is what a judge needs to know how far the printed digits may be rounded.
    """

    text: str
    value: Fraction
    unit: Fraction


@dataclass(frozen=True)
class Script(Node):
    """One subscript, superscript or index in brackets, attached to a name or to a group.

    Parameters
    ----------
    kind
        How it was written: ``x_1`` and ``x₁`` "bare", ``x_{1}`` "braces", ``x^{(1)}`` "()", ``x^{[1]}`` "[]",
        ``x1`` "attached", ``x[1]`` "index".
    tokens
        The words, numbers and signs inside, in order: ``_{01}`` has ``("01",)``, ``_{h1}`` ``("h", "1")``,
        ``_{1,2}`` ``("1", ",", "2")``. Whether ``11`` is one number or two indices is left to the judge.
    items
        The same as expressions, one for each entry between commas; empty where it is no expression.
    roles
        What it may be, the likeliest first; more than one where the notation alone cannot tell.
    """

    kind: ScriptKind
    tokens: tuple[str, ...]
    items: tuple[Node, ...]
    roles: tuple[Role, ...]

    @property
    def role(self) -> Role | Literal["ambiguous"]:
        """The one role, or "ambiguous"."""
        return self.roles[0] if len(self.roles) == 1 else "ambiguous"

    @property
    def text(self) -> str:
        """The tokens without spaces: ``h1``, ``l-1``."""
        return "".join(self.tokens)


@dataclass(frozen=True)
class Name(Node):
    r"""A name with its marks: ``\hat y_i^{(l)}``.

    `base` is plain: Greek letters by their names (``delta``), bold and roman looked through, calligraphic
    letters as ``calL``, blackboard letters as ``bbR``. A lone transpose or a sure power is not a mark but a
    node (`Transpose`, `Power`) around the name.
    """

    base: str
    accents: tuple[str, ...] = ()
    primes: int = 0
    subscripts: tuple[Script, ...] = ()
    superscripts: tuple[Script, ...] = ()


@dataclass(frozen=True)
class Placeholder(Node):
    """A blank that is left to be filled in: ``?``, ``___``; `text` is empty for an empty side or entry."""

    text: str


@dataclass(frozen=True)
class Dots(Node):
    r"""Something left out: ``\dots``, ``\vdots``, ``...``."""

    text: str


@dataclass(frozen=True)
class Add(Node):
    """A sum of two or more terms; a subtracted term is a `Neg`."""

    terms: tuple[Node, ...]


@dataclass(frozen=True)
class Neg(Node):
    """Unary minus, or a subtracted term."""

    operand: Node


@dataclass(frozen=True)
class Product(Node):
    """Factors joined, from left to right, by `ops` (one fewer than the factors).

    An operator is "" (juxtaposition), "cdot", "times", "star", "odot", "circ", "otimes" or "at".
    Juxtaposition binds tighter than the written operators: a run of it beside them is a product of its own.
    """

    factors: tuple[Node, ...]
    ops: tuple[str, ...]


@dataclass(frozen=True)
class Quotient(Node):
    """A fraction; `style` is "frac" or "slash"."""

    numerator: Node
    denominator: Node
    style: str


@dataclass(frozen=True)
class Power(Node):
    """A power that can be nothing else."""

    base: Node
    exponent: Node


@dataclass(frozen=True)
class Transpose(Node):
    """``^T``, ``.T`` or one of their kind."""

    operand: Node


@dataclass(frozen=True)
class Marked(Node):
    """Scripts or primes on something that is not a name: ``(W x + b)^{(l)}``, ``softmax(z)_i``."""

    operand: Node
    primes: int = 0
    subscripts: tuple[Script, ...] = ()
    superscripts: tuple[Script, ...] = ()


@dataclass(frozen=True)
class Bracketed(Node):
    """One expression in square brackets or braces: a grouping, or a list of one."""

    operand: Node
    bracket: str


@dataclass(frozen=True)
class Call(Node):
    r"""``f(x)``, ``\max(0, z)``, ``J(W, b)``.

    `certain` is False where the head may also be a variable, and the whole a product.
    """

    function: Name
    arguments: tuple[Node, ...]
    certain: bool = True


@dataclass(frozen=True)
class Derivative(Node):
    """``dA/dB`` in any spelling; `order` 2 for a second derivative. `symbol` is "∂", "d" or "δ"."""

    of: Node
    wrt: tuple[Node, ...]
    order: int
    symbol: str


@dataclass(frozen=True)
class Differential(Node):
    r"""A lone ``dZ`` (often a name for a gradient) or ``\Delta w`` (an increment)."""

    symbol: str
    operand: Node


@dataclass(frozen=True)
class Gradient(Node):
    r"""``\nabla_W L``; `wrt` is None where none is written."""

    of: Node
    wrt: Node | None


@dataclass(frozen=True)
class Comparison(Node):
    r"""``0 \le i < n`` where an expression could stand."""

    terms: tuple[Node, ...]
    relations: tuple[str, ...]


@dataclass(frozen=True)
class BigOperator(Node):
    """A sum, product or extreme over indices; its limits as written, without a check that they fit."""

    operator: Literal["sum", "prod", "max", "min"]
    indices: tuple[Node, ...]
    lower: Node | None
    upper: Node | None
    condition: Comparison | None
    body: Node


@dataclass(frozen=True)
class Norm(Node):
    """``||x||``, with its order as a subscript; its square is a `Power`."""

    operand: Node
    order: Script | None


@dataclass(frozen=True)
class Matrix(Node):
    """A matrix of expressions, every row of equal length; `fence` is the environment or the bracket."""

    rows: tuple[tuple[Node, ...], ...]
    fence: str


@dataclass(frozen=True)
class Listing(Node):
    """Several expressions between commas; `bracket` is "[]", "()", "{}" or "" (no bracket)."""

    items: tuple[Node, ...]
    bracket: str


@dataclass(frozen=True)
class Branch(Node):
    """One line of a definition by cases; `condition` is None for "otherwise"."""

    value: Node
    condition: Node | None


@dataclass(frozen=True)
class Cases(Node):
    """A definition by cases."""

    branches: tuple[Branch, ...]


@dataclass(frozen=True)
class Indicator(Node):
    r"""``\mathbb{1}[z > 0]``."""

    condition: Node
