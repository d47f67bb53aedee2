"""One piece of mathematics in, its statements out.

`read_formula` reads LaTeX or Unicode and plain text. What it cannot read it says, statement by statement; it
never guesses, and never returns half of a statement.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from derive.read.document_types import Macro
from derive.read.formula_error import FormulaError
from derive.read.formula_grammar import read_chain
from derive.read.formula_items import Chain
from derive.read.formula_pieces import Piece, Role, pieces
from derive.read.formula_scan import Dialect, guess_dialect
from derive.read.formula_stream import Context
from derive.read.formula_walk import depth
from derive.read.lexicon import DEFAULT, Lexicon
from derive.read.normalise import normalise
from derive.read.tree import Dots, Node, Placeholder, Span

LONGEST_FORMULA = 50_000  # characters
LONGEST_STATEMENT = 20_000  # characters
MOST_TOKENS = 4000  # of one statement
DEEPEST_NESTING = 60  # brackets within brackets
DEEPEST_TREE = 150  # nodes below nodes


@dataclass(frozen=True)
class Statement:
    """Terms joined by relations: ``terms[0] relations[0] terms[1] ...``; a lone term claims nothing.

    Parameters
    ----------
    terms
        The sides, at least one. A side that is missing (the formula begins or ends with a relation) is an
        empty `Placeholder`.
    relations
        One fewer than the terms: ``= ≈ := ≡ ← → ≠ < ≤ > ≥ ∈ ∝ ~ += -=``.
    role
        "where" for a side condition, which belongs to the main statement before it.
    span
        The part of the text; a chain over several rows reaches over everything between.
    """

    terms: tuple[Node, ...]
    relations: tuple[str, ...]
    role: Role
    span: Span

    @property
    def headless(self) -> bool:
        """Whether the left side is missing: the statement goes on from something before the formula."""
        return isinstance(self.terms[0], Placeholder) and self.terms[0].text == ""


@dataclass(frozen=True)
class Unreadable:
    """A statement that was refused, and why.

    Parameters
    ----------
    span
        The statement.
    at
        The part of it at fault.
    reason
        What is wrong there, and the remedy where there is one.
    role
        As in `Statement`.
    continues
        Whether it is a row of a longer chain; the chain then goes on behind it without it.
    """

    span: Span
    at: Span
    reason: str
    role: Role = "main"
    continues: bool = False


@dataclass(frozen=True)
class Formula:
    """What was read of one piece of mathematics, in its order."""

    text: str
    items: tuple[Statement | Unreadable, ...]

    @property
    def statements(self) -> tuple[Statement, ...]:
        """The statements that could be read."""
        return tuple(item for item in self.items if isinstance(item, Statement))

    @property
    def unreadable(self) -> tuple[Unreadable, ...]:
        """The statements that could not."""
        return tuple(item for item in self.items if isinstance(item, Unreadable))


def read_formula(
    text: str, lexicon: Lexicon = DEFAULT, *, dialect: Dialect | None = None, macros: Sequence[Macro] = ()
) -> Formula:
    r"""Read one piece of mathematics.

    Parameters
    ----------
    text
        The content of ``$...$``, ``\[...\]`` (with or without these) or of an environment, or algebra in
        Unicode or plain text, one statement per line.
    lexicon
        The names that are known.
    dialect
        "tex" or "plain"; decided by the first TeX command or brace if it is not given.
    macros
        The document's own commands.

    Returns
    -------
    Formula
        Its statements, and what is unreadable, in order. No exception leaves this function for any text.
    """
    if len(text) > LONGEST_FORMULA:
        span = Span(0, len(text))
        return Formula(text, (Unreadable(span, span, f"longer than {LONGEST_FORMULA} characters"),))
    dialect = dialect or guess_dialect(text)
    context = Context(lexicon, dialect, read_chain)
    found: list[Statement | Unreadable] = []
    columns: set[int] = set()  # places of what stands beside something else in the same row
    for piece in pieces(normalise(text, dialect, macros), lexicon):
        _append(found, columns, piece, _read(piece, context))
    return Formula(text, tuple(found))


def _read(piece: Piece, context: Context) -> Chain | Unreadable:
    try:
        _check_size(piece)
        chain = read_chain(list(piece.tokens), context)
        if len(piece.tokens) > DEEPEST_TREE and any(depth(term) > DEEPEST_TREE for term in chain.terms):
            raise FormulaError(f"more than {DEEPEST_TREE} operations within each other", piece.span)
    except FormulaError as error:
        return Unreadable(piece.span, error.span, error.message, piece.role, piece.continues)
    return chain


def _check_size(piece: Piece) -> None:
    if piece.trouble:
        raise FormulaError(piece.trouble, piece.span)
    if piece.span.end - piece.span.start > LONGEST_STATEMENT or len(piece.tokens) > MOST_TOKENS:
        limit = f"a statement of more than {LONGEST_STATEMENT} characters or {MOST_TOKENS} symbols"
        raise FormulaError(limit, piece.span)
    nesting = 0
    for token in piece.tokens:
        nesting += _NESTING.get(token.kind, 0)
        if nesting > DEEPEST_NESTING:
            raise FormulaError(f"more than {DEEPEST_NESTING} brackets within each other", token.span)


_NESTING = {
    **dict.fromkeys(("open", "lbrace", "begin", "openbar"), 1),
    **dict.fromkeys(("close", "rbrace", "end", "closebar"), -1),
}


def _append(
    found: list[Statement | Unreadable], columns: set[int], piece: Piece, read: Chain | Unreadable
) -> None:
    """Add a statement, or the continuation of the one before."""
    if piece.joint == "soft" and piece.role == "main":
        columns.add(len(found))
    if isinstance(read, Unreadable):
        found.append(read)
        return
    terms, relations = read.terms, read.relations
    statement = Statement(terms, relations, piece.role, piece.span)
    if not (piece.continues and statement.headless):
        found.append(statement)
        return
    place = _continued(found)
    if place is None:
        found.append(statement)
        return
    before = found[place]
    if place in columns:
        reason = "a row that may go on from either of the two statements above it"
        found.append(Unreadable(piece.span, piece.span, reason, continues=True))
        return
    if isinstance(before, Unreadable):
        # The head is lost with the row above; the sides of this row still make a chain of their own.
        found.append(replace(statement, terms=terms[1:], relations=relations[1:]))
        return
    found[place] = Statement(
        (*before.terms, *terms[1:]),
        (*before.relations, *relations),
        before.role,
        before.span.to(piece.span),
    )


def _continued(found: list[Statement | Unreadable]) -> int | None:
    """Return the place of the statement that a row beginning with a relation goes on from."""
    for place in range(len(found) - 1, -1, -1):
        item = found[place]
        dots = isinstance(item, Statement) and len(item.terms) == 1 and isinstance(item.terms[0], Dots)
        skipped = dots or (isinstance(item, Unreadable) and item.continues)
        if item.role == "main" and not skipped:
            return place
    return None


def nodes(formula: Formula) -> Iterator[Node]:
    """Yield the sides of all statements, in order."""
    for statement in formula.statements:
        yield from statement.terms
