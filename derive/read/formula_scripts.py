"""Reading the marks behind a name or a bracket: ``_``, ``^``, primes, ``.T``, and ``[i]`` in plain text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from derive.read.formula_error import FormulaError
from derive.read.formula_marks import Mark, Marks, subscript_roles, superscript_roles
from derive.read.formula_pairs import outside_scripts
from derive.read.formula_scan import Token
from derive.read.formula_stream import Context, Stream
from derive.read.lexicon import Entry
from derive.read.tree import Name, Node, Script, ScriptKind, Span

_MARK_KINDS = frozenset({"sub", "sup", "prime", "top"})
_INDEX_LETTERS = frozenset("ijklmnpqstL")
_IN_LABELS = "number word name said roman prose identifier comma colon mul rel add open close prime stop dots"
_TOKENS_OF_A_LABEL = frozenset(_IN_LABELS.split())
_SIGN_TEXT = {
    "comma": ",",
    "colon": ":",
    "stop": ".",
    "top": "T",
    "sub": "_",
    "sup": "^",
    "lbrace": "{",
    "rbrace": "}",
}

_OPERATOR_TEXT = {"star": "*", "cdot": "·", "times": "×", "odot": "⊙", "circ": "∘", "otimes": "⊗", "at": "@"}


def read_marks(stream: Stream, entry: Entry | None) -> Marks | None:
    """Take all marks that stand at this place; None where there are none.

    Parameters
    ----------
    stream
        Positioned behind the thing that the marks belong to.
    entry
        What the lexicon knows of the name they stand on; None where they stand on no name.
    """
    marks: list[Mark] = []
    while stream.peek() in _MARK_KINDS:
        token = stream.here
        stream.at += 1
        if token.kind == "prime":
            marks.append(Mark("prime", None, len(token.text), token.span))
        elif token.kind == "top":
            marks.append(Mark("transpose", None, 0, token.span))
        else:
            marks.extend(_script(stream, token, entry))
    if entry is not None and _is_index(stream):
        marks.append(_index(stream))
    return Marks(tuple(marks)) if marks else None


def put_with_marks(stream: Stream, node: Node) -> None:
    """Add a node that is no name, and the marks behind it."""
    stream.put("ATOM", node, node.span)
    marks = read_marks(stream, None)
    if marks is not None:
        stream.put("MARKS", marks, marks.marks[0].span.to(marks.marks[-1].span))


def _script(stream: Stream, sign: Token, entry: Entry | None) -> Iterator[Mark]:
    grouping = stream.peek() == "open"
    inside, span, kind = _content(stream, sign)
    if not inside:
        raise FormulaError("an empty script", sign.span.to(span))
    context = stream.context
    whole = sign.span.to(span)
    if sign.kind == "sub":
        yield Mark("sub", _one_script("sub", inside, kind, whole, entry, context), 0, whole)
        return
    for part in _parts(inside):
        if all(token.kind == "prime" for token in part):
            yield Mark("prime", None, sum(len(token.text) for token in part), whole)
        elif len(part) == 1 and (part[0].kind == "top" or part[0].text == "T"):
            yield Mark("transpose", None, 0, whole)
        else:
            yield Mark(
                "sup", _one_script("sup", part, kind, whole, entry, context, grouping=grouping), 0, whole
            )


def _content(stream: Stream, sign: Token) -> tuple[list[Token], Span, ScriptKind]:
    """Take what a script sign applies to."""
    kind = stream.peek()
    plain = stream.context.dialect == "plain"
    if kind == "lbrace":
        raised = stream.here.text == "raised"
        inside, span = stream.argument()
        return inside, span, "bare" if raised else "braces"
    if kind == "open" and stream.at in stream.pairs and sign.kind == "sup":
        # ^(l) without braces: what TeX sets is not what anybody means by it.
        first, stop = stream.at, stream.pairs[stream.at]
        stream.at = stop + 1
        inside = stream.tokens[first : stop + 1]
        return inside, inside[0].span.to(inside[-1].span), "braces"
    if kind == "add" and plain and stream.peek(1) in {"number", "word", "name", "open"}:
        signed = stream.here
        stream.at += 1
        inside, span, _ = _content(stream, sign)
        return [signed, *inside], signed.span.to(span), "bare"
    if kind in {"number", "word"}:
        inside, span = _short(stream, sign, plain)
        return inside, span, "bare"
    if kind in {"name", "said", "roman", "identifier", "top", "prime", "add", "mul", "placeholder"}:
        token = stream.here
        stream.at += 1
        return [token], token.span, "bare"
    place = stream.here.span if kind else sign.span
    raise FormulaError("a script without braces around what belongs to it", sign.span.to(place))


def _short(stream: Stream, sign: Token, plain: bool) -> tuple[list[Token], Span]:
    """Take a number or word that stands without braces."""
    token = stream.here
    if plain:
        stream.at += 1
        inside = [token]
        while stream.peek() in {"number", "word"} and not stream.here.spaced and sign.kind == "sub":
            inside.append(stream.here)
            stream.at += 1
        return inside, token.span.to(inside[-1].span)
    if token.kind == "number" and len(token.text) > 1:
        if sign.kind == "sub" and token.text.isdigit():
            stream.at += 1  # x_12 is set as x₁2, and meant as x₁₂
            return [token], token.span
        raise FormulaError(
            f"TeX raises only the first digit: write ^{{{token.text}}}", sign.span.to(token.span)
        )
    follows = token.text[1:2]
    if (
        sign.kind == "sub"
        and token.kind == "word"
        and follows in _INDEX_LETTERS - {""}
        and len(token.text) == 2
    ):
        after = stream.peek(1)
        if after not in {"sub", "sup", "prime"}:
            raise FormulaError(
                f"TeX lowers only the first letter: write _{{{token.text}}}", sign.span.to(token.span)
            )
    if len(token.text) == 1:
        stream.at += 1
        return [token], token.span
    return stream.digit()


def _parts(inside: list[Token]) -> Iterator[list[Token]]:
    """Split a superscript that holds several marks side by side: ``{(l)T}``, ``{[2](i)}``, ``{(1),new}``."""
    parts: list[list[Token]] = []
    at = 0
    while at < len(inside):
        token = inside[at]
        if token.kind == "comma":
            at += 1
            continue
        stop = at + 1
        if token.kind == "open":
            while stop < len(inside) and inside[stop - 1].kind != "close":
                stop += 1
        elif token.kind == "prime":
            while stop < len(inside) and inside[stop].kind == "prime":
                stop += 1
        elif not _is_mark(token) and not (at and inside[at - 1].kind == "comma"):
            yield inside
            return
        elif not _is_mark(token):
            while stop < len(inside) and inside[stop].kind != "comma":
                stop += 1
        parts.append(inside[at:stop])
        at = stop
    yield from parts


def _is_mark(token: Token) -> bool:
    if token.kind in {"top", "prime", "said", "roman"} or token.text in {"T", "star"}:
        return True
    return token.kind == "add" and token.text == "+"


def _one_script(
    place: str,
    inside: list[Token],
    kind: ScriptKind,
    span: Span,
    entry: Entry | None,
    context: Context,
    *,
    grouping: bool = False,
) -> Script:
    """Return the script that `inside` is."""
    bracket = inside[0].text + inside[-1].text
    if (
        inside[0].kind == "open"
        and inside[-1].kind == "close"
        and bracket in {"()", "[]"}
        and _one_pair(inside)
    ):
        kind = "()" if bracket == "()" else "[]"
        inside = inside[1:-1]
    if not inside:
        raise FormulaError("an empty script", span)
    tokens = tuple(
        _SIGN_TEXT.get(token.kind) or _OPERATOR_TEXT.get(token.text) or token.text or token.kind
        for token in inside
    )
    if place == "sup" and len(tokens) == 1 and context.lexicon.is_product(tokens[0]):
        tokens = tuple(tokens[0])
    if place == "sup":
        roles = superscript_roles(kind, tokens, entry, grouping=grouping)
    else:
        roles = subscript_roles(kind, tokens, entry)
    words = [t.text for t in outside_scripts(inside) if t.kind != "mul" and t.text[:1].isalpha()]
    known = all(len(word) == 1 or context.lexicon.knows(word) for word in words)
    if place == "sup" and not known and not (entry is not None and entry.layered) and "update" not in roles:
        raise FormulaError(f"unknown name in the superscript {''.join(tokens)!r}", span)
    items = _items(inside, replace(context, label=roles != ("power",)), place)
    if roles == ("power",) and not items:
        raise FormulaError("an exponent that cannot be read", span)
    return Script(kind, tokens, items, roles, span=span)


def _one_pair(inside: list[Token]) -> bool:
    depth = 0
    for at, token in enumerate(inside):
        depth += (token.kind == "open") - (token.kind == "close")
        if depth == 0:
            return at == len(inside) - 1
    return False


def _items(inside: list[Token], context: Context, place: str) -> tuple[Node, ...]:
    """Read a script as expressions; a subscript may also be a mere label."""
    if len(inside) == 1 and inside[0].kind in {"word", "name", "said", "roman"} and context.label:
        return (Name(inside[0].text, span=inside[0].span),)
    entries: list[list[Token]] = [[]]
    depth = 0
    for token in inside:
        depth += (token.kind in {"open", "lbrace"}) - (token.kind in {"close", "rbrace"})
        if token.kind == "comma" and depth == 0:
            entries.append([])
        else:
            entries[-1].append(token)
    try:
        return tuple(context.expression(entry, inside[0].span.to(inside[-1].span)) for entry in entries)
    except FormulaError:
        label = all(token.kind in _TOKENS_OF_A_LABEL for token in inside)
        marks = len(inside) == 1 and inside[0].kind in {"add", "mul", "colon"}
        if (place == "sub" and label) or marks:
            return ()
        raise


def _is_index(stream: Stream) -> bool:
    """Tell whether ``[i]``, ``[0, 1]`` follows without a blank, as in code."""
    if (
        stream.peek() != "open"
        or stream.here.text != "["
        or stream.here.spaced
        or stream.at not in stream.pairs
    ):
        return False
    inside = stream.tokens[stream.at + 1 : stream.pairs[stream.at]]
    plain = stream.context.dialect == "plain"
    return bool(inside) and all(
        (token.kind == "number" and token.text.isdigit())
        or (token.kind == "word" and (token.text in _INDEX_LETTERS or (plain and len(inside) == 1)))
        or token.kind in {"comma", "colon", "add"}
        for token in inside
    )


def _index(stream: Stream) -> Mark:
    inside, span = stream.group()
    context = replace(stream.context, label=True)
    script = _one_script("sub", inside, "index", span, None, context)
    return Mark("sub", script, 0, span)
