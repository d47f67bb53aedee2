"""Reading environments with rows and columns: matrices, and definitions by cases."""

from __future__ import annotations

from derive.read.formula_error import FormulaError
from derive.read.formula_pairs import partners
from derive.read.formula_scan import Token
from derive.read.formula_scripts import put_with_marks
from derive.read.formula_stream import Stream
from derive.read.tree import Branch, Cases, Matrix, Node, Placeholder, Span

_ENVIRONMENT = {"lbrace": "rbrace", "begin": "end", "open": "close"}


def read_environment(stream: Stream) -> None:
    """Read a matrix or a definition by cases."""
    fence = stream.here.text
    inside, span = stream.group()
    rows = [cells for cells in _cells(inside) if any(cells)]
    if not rows:
        raise FormulaError("an empty matrix", span)
    if fence == "cases":
        put_with_marks(stream, Cases(tuple(_branch(stream, cells, span) for cells in rows), span=span))
        return
    width = len(rows[0])
    for place, cells in enumerate(rows):
        if len(cells) != width:
            problem = f"row {place + 1} of the matrix has {len(cells)} entries, the first row {width}"
            raise FormulaError(problem, span)
    matrix = Matrix(
        tuple(tuple(_cell(stream, cell, span) for cell in cells) for cells in rows), fence, span=span
    )
    put_with_marks(stream, matrix)


def _cells(inside: list[Token]) -> list[list[list[Token]]]:
    pairs = partners(inside, _ENVIRONMENT)
    rows: list[list[list[Token]]] = [[[]]]
    at = 0
    while at < len(inside):
        token = inside[at]
        close = max(pairs.get(at, at), at)
        if token.kind == "row":
            rows.append([[]])
        elif token.kind == "amp":
            rows[-1].append([])
        else:
            rows[-1][-1].extend(inside[at : close + 1])
            at = close
        at += 1
    return rows


def _cell(stream: Stream, cell: list[Token], span: Span) -> Node:
    cell = [token for token in cell if token.kind != "wide"]
    if not cell:
        return Placeholder("", span=Span(span.end, span.end))
    if cell[-1].kind in {"comma", "stop", "semi"} and len(cell) > 1:
        cell = cell[:-1]  # punctuation behind an entry
    return stream.context.expression(cell, span)


def _branch(stream: Stream, cells: list[list[Token]], span: Span) -> Branch:
    words = stream.context.lexicon.words
    value = [token for token in cells[0] if token.kind != "wide"]
    condition = [token for cell in cells[1:] for token in cell if token.kind != "wide"]
    if len(cells) == 1:
        cut = next((k for k, t in enumerate(value) if _is_word(t) and t.text.lower() in words), len(value))
        value, condition = value[:cut], value[cut:]
    while value and value[-1].kind in {"comma", "semi", "stop"}:
        value = value[:-1]
    otherwise = False
    while condition and (_is_word(condition[0]) or condition[0].kind in {"comma", "colon"}):
        otherwise = otherwise or words.get(condition[0].text.lower()) == "otherwise"
        if _is_word(condition[0]) and condition[0].text.lower() not in words:
            break
        condition = condition[1:]
    while condition and condition[-1].kind in {"comma", "semi", "stop"}:
        condition = condition[:-1]
    node = stream.context.expression(value, span)
    if not condition:
        if not otherwise:
            raise FormulaError("a line of a definition by cases has no condition", span)
        return Branch(node, None, span=node.span)
    test = stream.context.condition(condition)
    return Branch(node, test, span=node.span.to(test.span))


def _is_word(token: Token) -> bool:
    return token.kind in {"word", "said", "roman"}
