r"""Environments and braces: what makes rows, what is a matrix, and which braces do not show."""

from __future__ import annotations

from derive.read.formula_pairs import argument, partners
from derive.read.formula_scan import Token
from derive.read.formula_symbols import CASES_ENVIRONMENTS, MATRIX_ENVIRONMENTS, ROW_ENVIRONMENTS

_OPENERS = {"lbrace": "rbrace", "begin": "end"}


def resolve_environments(tokens: list[Token]) -> list[Token]:
    """Return the tokens with environments of rows as line breaks, and matrices and cases by their kind."""
    pairs = partners(tokens, _OPENERS)
    result: list[Token | None] = list(tokens)
    for at, token in enumerate(tokens):
        if token.kind not in _OPENERS.values() and token.kind != "begin":
            continue
        if token.kind == "rbrace":
            continue
        if at not in pairs:
            result[at] = token._replace(kind="bad", text=f"\\{token.kind}{{{token.text}}} has no partner")
            continue
        kind = _environment_kind(tokens, min(at, pairs[at]), max(at, pairs[at]), pairs)
        if not kind:
            result[at] = token._replace(kind="bad", text=f"the environment {token.text} is not known")
        elif kind == "rows":
            result[at] = token._replace(kind="row", text="")
        else:
            result[at] = token._replace(text=kind)
        if token.kind == "begin" and result[at] is not None:
            for place in range(at + 1, _after_options(tokens, at, pairs)):
                result[place] = None
    return [token for token in result if token is not None]


def _environment_kind(tokens: list[Token], begin: int, end: int, pairs: dict[int, int]) -> str:
    name = tokens[begin].text
    if name.startswith("cases:") or name in CASES_ENVIRONMENTS:
        return "cases"
    if name in ROW_ENVIRONMENTS:
        return "rows"
    if name == "array":
        at = _after_options(tokens, begin, pairs)
        while at < end:
            if tokens[at].kind == "rel":
                return "rows"  # an array of equations
            at = pairs[at] + 1 if pairs.get(at, 0) > at else at + 1
    return name if name in MATRIX_ENVIRONMENTS else ""


def _after_options(tokens: list[Token], begin: int, pairs: dict[int, int]) -> int:
    r"""Return the place after the options of an environment: ``[t]``, ``{cc}``, ``{2}``."""
    at = begin + 1
    if (
        at + 2 < len(tokens)
        and tokens[at].text == "["
        and tokens[at + 2].text == "]"
        and tokens[at + 1].text in "tbclr"
    ):
        at += 3
    name = tokens[begin].text
    if (
        name.removeprefix("cases:") in {"array", "alignat", "alignedat"}
        and tokens[at].kind == "lbrace"
        and at in pairs
    ):
        at = pairs[at] + 1
    return at


_ARGUMENTS = {"frac": 2, "sqrt": 1, "accent": 1, "sub": 1, "sup": 1}
_SCRIPTS = frozenset({"sub", "sup", "prime", "top"})


def take_off_braces(tokens: list[Token]) -> list[Token]:
    r"""Take off the braces that are no argument: they do not show.

    They stay where a script follows them, and around ``\over``.
    """
    pairs = partners(tokens, {"lbrace": "rbrace"})
    arguments: set[int] = set()
    dropped: set[int] = set()
    around_over = _around_over(tokens, pairs)
    brackets = partners(tokens, {"open": "close"})
    for at, token in enumerate(tokens):
        place = at + 1
        if token.kind == "sqrt" and place < len(tokens) and tokens[place].text == "[":
            place = next(
                (k + 1 for k in range(place, min(place + 9, len(tokens))) if tokens[k].text == "]"), place
            )
        for _ in range(_ARGUMENTS.get(token.kind, 0)):
            arguments.add(place)
            place = argument(tokens, place, pairs)[1]
        if token.kind != "lbrace" or at not in pairs or at in arguments or at in around_over:
            continue
        close = pairs[at]
        one_thing = close == at + 2 or brackets.get(at + 1) == close - 1
        scripted = close + 1 < len(tokens) and tokens[close + 1].kind in _SCRIPTS and close > at + 1
        if one_thing or not scripted:
            dropped |= {at, close}
    return [token for at, token in enumerate(tokens) if at not in dropped]


def _around_over(tokens: list[Token], pairs: dict[int, int]) -> set[int]:
    r"""Return the places of the braces that are the innermost ones around an ``\over``."""
    opened: list[int] = []
    found: set[int] = set()
    for at, token in enumerate(tokens):
        if token.kind == "lbrace" and at in pairs:
            opened.append(at)
        elif token.kind == "rbrace" and at in pairs:
            opened.pop()
        elif token.kind == "over" and opened:
            found.add(opened[-1])
    return found
