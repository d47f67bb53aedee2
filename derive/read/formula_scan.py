"""Characters to tokens: one pass over the text, every token with its place in it.

Nothing is dropped here but blanks and comments, and nothing is understood but single commands and characters.
A character that has no meaning in a formula becomes a token of kind "bad", which makes its row unreadable.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Literal, NamedTuple

from derive.read.formula_symbols import CHARACTERS, COMBINING, COMMANDS, DIGRAPHS
from derive.read.tree import Span

Dialect = Literal["tex", "plain"]


class Token(NamedTuple):
    """One token; `spaced` tells whether a blank stands before it."""

    kind: str
    text: str
    start: int
    end: int
    spaced: bool = False

    @property
    def span(self) -> Span:
        """The half-open range of the original text."""
        return Span(self.start, self.end)


_TEX_MARK = re.compile(r"\\[A-Za-z,;{}_]|[{}]")
_MASTER = re.compile(
    r"""(?P<blank>[^\S\n]+)
    |(?P<newline>\n)
    |(?P<environment>\\(?P<edge>begin|end)\s*\{(?P<environment_name>[A-Za-z]+)\*?\})
    |(?P<row>\\\\\*?(?:\s*\[\s*-?[0-9.]+\s*(?:pt|em|ex|mm|cm|in|mu)\s*\])?)
    |(?P<escaped>(?<=[A-Za-z0-9)\]}])\\_(?=[A-Za-z0-9{]))
    |(?P<blanks>(?:\\_|(?<![A-Za-z0-9_)\]}])_(?=\s*(?:[_),.;=&+*/\s-]|\\_|$))|(?<=_)_)+)
    |(?P<command>\\(?:[A-Za-z]+\*?|.))
    |(?P<commacomma>\{\s*,\s*\})
    |(?P<number>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+(?![0-9A-Za-z]))?)
    |(?P<transpose>\.T(?![A-Za-z0-9_]))
    |(?P<ellipsis>\.\.\.+|\.\.(?!\.))
    |(?P<digraph>:=|==|<=|>=|!=|~=|\+=|-=|(?<=\s)<-(?=\s)|->|=>|\*\*|\|\||\.\*)
    |(?P<letters>[^\W\d_]+)
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+")
_MODULE = re.compile(r"(?:np|numpy|math|torch|jnp)\.(?=[a-z]{2})")
_TEXT_OPEN = re.compile(r"\s*\{")
_ROMAN = re.compile(r"\s*\{\s*([A-Za-z]+(?:(?:\\_|-|\s)?[A-Za-z]+)*)\s*\}")
_WORD_WITH_UNDERSCORE = re.compile(r"[A-Za-z]+(?:\\?_[A-Za-z]+)*")


def guess_dialect(text: str) -> Dialect:
    """Return "tex" if `text` holds a TeX command or a brace, "plain" otherwise."""
    return "tex" if _TEX_MARK.search(text) else "plain"


def scan(text: str, dialect: Dialect, span: Span) -> Iterator[Token]:
    """Yield the tokens of the part `span` of `text`; see the module for what is dropped."""
    tex = dialect == "tex"
    at, end = span
    spaced, brackets = True, 0
    while at < end:
        match = _MASTER.match(text, at, end)
        assert match is not None  # noqa: S101  the last alternative takes any character
        group, piece, start = match.lastgroup, match.group(), at
        at = match.end()
        produced: list[Token]
        if group == "blank" or (tex and (group == "newline" or piece == "~")):
            if not tex and len(piece) > 1 and not spaced:
                yield Token("wide", "", start, at, spaced=True)
            spaced = True
            continue
        if piece == ("%" if tex else "#"):
            at = _end_of_line(text, at)
            continue
        if group == "newline":
            produced = [Token("row", "", start, at)]
        elif group == "environment" or (group is None and match.group("environment")):
            produced = [Token(match["edge"], match["environment_name"], start, at)]
        elif group == "command":
            produced, at = _command(text, start, at)
        elif group == "letters":
            produced, at = _letters(text, start, at, tex)
        elif group == "number":
            if brackets and text.startswith(".", at) and not text.startswith("..", at) and "." not in piece:
                at += 1  # the way NumPy prints a whole number
            produced = [Token("number", text[start:at], start, at)]
        elif group == "other" and (raised := _raised_kind(piece)):
            produced, at = _raised(text, start, raised)
        else:
            produced = [_symbol(group or "", piece, start, at, tex)]
            brackets += (piece == "[") - (piece == "]" and brackets > 0)
        for token in produced:
            yield token._replace(spaced=True) if spaced else token
            spaced = False


def _end_of_line(text: str, at: int) -> int:
    stop = text.find("\n", at)
    return len(text) if stop < 0 else stop


_GROUPS = {
    "row": ("row", ""),
    "escaped": ("sub", ""),
    "blanks": ("placeholder", "___"),
    "commacomma": ("comma", "{,}"),
    "transpose": ("top", ".T"),
    "ellipsis": ("dots", "dots"),
}


def _symbol(group: str, piece: str, start: int, at: int, tex: bool) -> Token:
    if group in _GROUPS:
        kind, meaning = _GROUPS[group]
    elif group == "digraph":
        kind, meaning = DIGRAPHS[piece]
    elif piece == "~" and not tex:
        kind, meaning = "rel", "~"
    else:
        kind, meaning = CHARACTERS.get(piece, ("bad", f"the character {piece!r} has no meaning here"))
    return Token(kind, meaning, start, at)


def _command(text: str, start: int, at: int) -> tuple[list[Token], int]:
    name = text[start + 1 : at]
    if name.isspace():
        return [], at
    if name.endswith("*") and len(name) > 1:
        if name[:-1] not in {"hspace", "vspace", "tag", "operatorname"}:
            at -= 1
        name = name[:-1]
    kind, meaning = COMMANDS.get(name, ("bad", f"the command \\{name} is not known"))
    if kind == "text":
        return _text(text, start, at)
    if kind == "roman" and (match := _ROMAN.match(text, at)):
        return [_roman(match.group(1), start, match.end())], match.end()
    return [Token(kind, meaning, start, at)], at


def _roman(content: str, start: int, at: int) -> Token:
    name = re.sub(r"[\s-]|\\(?=_)", "", content)
    return Token("word" if len(name) == 1 else "roman", name, start, at)


def _text(text: str, start: int, at: int) -> tuple[list[Token], int]:
    opening = _TEXT_OPEN.match(text, at)
    if opening is None:
        return [Token("bad", "\\text without braces", start, at)], at
    depth, at = 1, opening.end()
    first = at
    while depth:
        if at >= len(text):
            return [Token("bad", "a brace is not closed", start, at)], at
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        at += 1 + (text[at] == "\\")
    content = _MODULE.sub("", text[first : at - 1].strip().strip("~").strip())
    if not content:
        return [Token("wide", "", start, at)], at
    if content in {",", ";", ".", ":"}:
        return [Token(*CHARACTERS[content], start, at)], at
    if _WORD_WITH_UNDERSCORE.fullmatch(content):
        return [Token("said" if len(content) > 1 else "word", content.replace("\\", ""), start, at)], at
    if "$" in content or "\\(" in content:
        return [Token("bad", "mathematics inside \\text{}", start, at)], at
    return [Token("prose", content, start, at)], at


def _letters(text: str, start: int, at: int, tex: bool) -> tuple[list[Token], int]:
    """Read from a run of letters: its first part that is one kind of thing."""
    if module := _MODULE.match(text, start):
        return [], module.end()
    if not tex and (identifier := _IDENTIFIER.match(text, start)):
        return [Token("identifier", identifier.group(), start, identifier.end())], identifier.end()
    first = text[start]
    special = _special_letter(first)
    if special is not None:
        if special.kind in {"sub", "sup"}:
            return _raised(text, start, special.kind)
        return _accented(text, special._replace(start=start, end=start + 1), start + 1)
    if (fraction := unicodedata.decomposition(first)).startswith("<fraction>"):
        return _fraction(fraction, start), start + 1
    stop = start + 1
    while stop < at and _special_letter(text[stop]) is None:
        stop += 1
    run = text[start:stop]
    if len(run) == 1 and len(parts := unicodedata.normalize("NFD", run)) == 2 and parts[1] in COMBINING:
        accent = Token("accent", COMBINING[parts[1]], start, start)
        return [accent, Token("word", parts[0], start, stop)], stop
    if len(run) > 1 and text[stop : stop + 1] in COMBINING:
        stop -= 1
        return [Token("word", run[:-1], start, stop)], stop
    return _accented(text, Token("word", run, start, stop), stop)


def _fraction(decomposition: str, start: int) -> list[Token]:
    """Return ``½`` as a quotient in parentheses."""
    parts = "".join(chr(int(code, 16)) for code in decomposition.split()[1:])
    above, _, below = parts.partition("\N{FRACTION SLASH}")
    here = (start, start + 1)
    number = [Token("number", above, *here), Token(*CHARACTERS["/"], *here), Token("number", below, *here)]
    return [Token(*CHARACTERS["("], *here), *number, Token(*CHARACTERS[")"], *here)]


def _accented(text: str, token: Token, at: int) -> tuple[list[Token], int]:
    found = [token]
    while at < len(text) and text[at] in COMBINING:
        found.insert(0, Token("accent", COMBINING[text[at]], token.start, token.start))
        at += 1
    found[-1] = token._replace(end=at)
    return found, at


def _special_letter(letter: str) -> Token | None:
    """Return what a letter that is no plain letter stands for: Greek, a script, a mathematical alphabet."""
    if letter.isascii():
        return None
    if letter in CHARACTERS:
        return Token(*CHARACTERS[letter], 0, 0)
    if raised := _raised_kind(letter):
        return Token(raised, "", 0, 0)
    name = unicodedata.name(letter, "")
    if unicodedata.decomposition(letter).startswith("<font>"):
        plain = unicodedata.normalize("NFKC", letter)
        prefix = "bb" if "DOUBLE-STRUCK" in name else "cal" if "SCRIPT" in name else ""
        inner = _special_letter(plain) if not plain.isascii() else None
        return inner or Token("name" if prefix else "word", prefix + plain, 0, 0)
    if name.startswith("GREEK "):
        base = name.removesuffix(" SYMBOL").rpartition(" ")[2].lower().replace("lamda", "lambda")
        return Token("name", base.capitalize() if "CAPITAL" in name else base, 0, 0)
    return None


def _raised_kind(letter: str) -> str:
    decomposition = unicodedata.decomposition(letter)
    return (
        "sup" if decomposition.startswith("<super>") else "sub" if decomposition.startswith("<sub>") else ""
    )


def _raised(text: str, start: int, kind: str) -> tuple[list[Token], int]:
    """Read a run of Unicode superscripts or subscripts as if it stood in braces after ``^`` or ``_``."""
    stop = start
    inner: list[Token] = []
    while stop < len(text) and _raised_kind(text[stop]) == kind:
        plain = unicodedata.normalize("NFKC", text[stop])
        same = "number" if plain.isdecimal() else "word"
        token = _special_letter(plain) or Token(*CHARACTERS.get(plain, (same, plain)), 0, 0)
        token = token._replace(start=stop, end=stop + 1)
        if inner and token.kind == inner[-1].kind in {"number", "word"}:
            inner[-1] = inner[-1]._replace(text=inner[-1].text + token.text, end=stop + 1)
        else:
            inner.append(token)
        stop += 1
    edge = Token(kind, "", start, start)
    return [edge, edge._replace(kind="lbrace", text="raised"), *inner, Token("rbrace", "", stop, stop)], stop
