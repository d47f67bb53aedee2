"""Decimal commas: ``0,25`` and ``0{,}25`` as the numbers that they are in many languages.

A comma between digits may also set thousands apart or separate two entries. It is taken for a decimal comma
only where neither can be meant; where it stays doubtful, the statement is refused with the remedy.
"""

from __future__ import annotations

from derive.read.formula_scan import Token

BRACED = "{,}"
DOUBTFUL = "a comma inside a number (decimal comma or thousands): write a decimal point"
_OPEN = {"open": "close", "lbrace": "rbrace", "begin": "end", "openbar": "closebar"}
_THOUSANDS = 3  # digits


def decimal_commas(tokens: list[Token]) -> list[Token]:
    """Return the tokens with the numbers around decimal commas joined."""
    if not any(token.kind == "comma" for token in tokens):
        return tokens
    result: list[Token] = []
    inside: list[str] = []  # what encloses the present token: "indices", "list" or "group"
    for at, token in enumerate(tokens):
        if token.kind in _OPEN:
            inside.append(_enclosure(tokens[at - 1].kind if at else "", token.kind))
        elif token.kind in _OPEN.values() and inside:
            inside.pop()
        joins = token.kind == "number" and len(result) >= 2 and "indices" not in inside
        if joins and _is_decimal(result, token, "list" in inside):
            whole = result[-2]
            result[-2:] = [whole._replace(text=f"{whole.text}.{token.text}", end=token.end)]
        else:
            result.append(token)
    return [_settled(token) for token in result]


def _enclosure(before: str, opening: str) -> str:
    if before == "sub":
        return "indices"
    return "list" if opening == "open" or before == "sup" else "group"


def _is_decimal(before: list[Token], fraction: Token, in_list: bool) -> bool:
    whole, comma = before[-2:]
    adjacent = whole.end == comma.start and comma.end == fraction.start
    marked = len(before) > 2 and before[-3].kind in {"sub", "sup", "comma"}
    digits = whole.kind == "number" and whole.text.isdigit() and fraction.text.isdigit()
    if comma.kind != "comma" or not adjacent or not digits or marked:
        return False
    if comma.text == BRACED:
        return whole.text == "0" or len(fraction.text) != _THOUSANDS
    if in_list:
        return whole.text == "0" and len(fraction.text) > 1
    return whole.text == "0" or (len(fraction.text) > 1 and len(fraction.text) != _THOUSANDS)


def _settled(token: Token) -> Token:
    return token._replace(kind="bad", text=DOUBTFUL) if token.text == BRACED else token
