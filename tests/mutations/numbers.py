"""Displayed numbers with one thing broken, beyond what rounding explains."""

import re
from fractions import Fraction
from itertools import pairwise

from mutations.changes import SLOPE
from mutations.formulas import Broken
from mutations.latex import UnknownFormError, read
from mutations.spelling import NoValueError

NUMBER = re.compile(r"(?<![0-9.^{_])[0-9]+\.[0-9]+(?![0-9.])")
PLAIN = re.compile(r"-?[0-9]+\.[0-9]+")


def broken(terms, k, oracle, shown, stated=()):
    """Yield every mistake in the numbers of side `k` of a chain that rounding does not explain.

    Parameters
    ----------
    terms, k, oracle
        As for formulas.
    shown
        Numbers that stand elsewhere in the document, as texts.
    stated
        Pairs of a name and its number, as texts, that the document states before.
    """
    text = terms[k]
    if not NUMBER.search(text) or re.search(r"10\^", text):
        return
    seen = {text}
    for broken_ in (
        _results(terms, k, oracle, stated) if PLAIN.fullmatch(text) else _workings(terms, k, oracle, shown)
    ):
        if broken_.text not in seen:
            seen.add(broken_.text)
            yield broken_
    if r"\begin{bmatrix}" in text and k == len(terms) - 1 and not re.search(r"\\end\{bmatrix\}.*\\", text):
        for match in NUMBER.finditer(text):
            for kind, number in _slips(match[0]):
                if kind == "arithmetic":
                    changed = text[: match.start()] + number + text[match.end() :]
                    yield Broken(kind, frozenset({"arithmetic"}), changed)


def _slips(number):
    """Yield a number with one digit changed, two digits exchanged, or the last digit off by one."""
    digits = [n for n, letter in enumerate(number) if letter.isdigit()]
    first = next((n for n in digits if number[n] != "0"), digits[0])
    for n in digits:
        if n < first:
            continue
        kind = "rounding" if n == digits[-1] else "arithmetic"
        step = 3 if kind == "rounding" else 1
        changed = str(int(number[n]) + (step if int(number[n]) + step <= 9 else -step))
        yield kind, number[:n] + changed + number[n + 1 :]
    for n, m in pairwise(digits):
        if n >= first and number[n] != number[m] and m != digits[-1]:
            letters = list(number)
            letters[n], letters[m] = letters[m], letters[n]
            yield "arithmetic", "".join(letters)


def _results(terms, k, oracle, stated):
    """Break a result: its digits and its sign."""
    text = terms[k]
    working = _span(terms[k - 1], oracle) if k else None
    for kind, number in (*_slips(text), ("sign", text[1:] if text[0] == "-" else f"-{text}")):
        off = abs(float(Fraction(number) - Fraction(text)))
        slack = 1.0 * _unit(text)
        if working is not None:
            value, width = working
            if abs(float(number) - value) <= width + 0.5 * _unit(text):
                continue
        elif k and NUMBER.search(terms[k - 1]):
            continue
        if off <= slack or _goes_on(terms[:k], number, oracle, stated):
            continue
        codes = {
            "rounding": {"rounding", "arithmetic"},
            "arithmetic": {"arithmetic", "rounding"},
            "sign": {"sign"},
        }
        yield Broken(kind, frozenset(codes[kind]), number)


def _goes_on(sides, number, oracle, stated):
    """Tell whether a number comes out of a side with names, by the digits stated for them."""
    stated = [(name, float(value), _unit(value)) for name, value in stated if _is_name(name, oracle)]
    for side in sides if stated else ():
        try:
            tree = read(side, oracle.names.functions)
            values = []
            for moved in (None, *range(len(stated))):
                shown = [(n, v + (k == moved) * unit / 2) for k, (n, v, unit) in enumerate(stated)]
                if (point := oracle.with_stated(shown)) is not None:
                    values.append(float(oracle.value(tree, point, {})))
        except (UnknownFormError, NoValueError, TypeError, ZeroDivisionError):
            continue
        width = sum(abs(value - values[0]) for value in values[1:])
        if values and abs(float(number) - values[0]) <= 1.05 * width + 0.5 * _unit(number) and width:
            return True
    return False


def _is_name(text, oracle):
    try:
        return read(text, oracle.names.functions).kind == "name" and bool(oracle.names.apart(text).at)
    except (UnknownFormError, NoValueError):
        return False


def _unit(number):
    return 10.0 ** -len(number.partition(".")[2])


def _span(text, oracle):
    """Return what a side of numbers comes to, and how far its digits let it go; None if it has names."""
    try:
        tree = read(text, oracle.names.functions)
        if any(node.kind in ("name", "partial", "call") for node in tree.walk()):
            return None
        value = float(oracle.value(tree, {}, {}))
    except (UnknownFormError, NoValueError, TypeError, ZeroDivisionError):
        return None
    width = 0.0
    for match in NUMBER.finditer(text):
        moved = f"{float(match[0]) + _unit(match[0]) / 2:.12f}"
        other = read(text[: match.start()] + moved + text[match.end() :], oracle.names.functions)
        width += abs(float(oracle.value(other, {}, {})) - value)
    return value, 1.05 * width


def _workings(terms, k, oracle, shown):
    """Break the numbers that a result is worked out from."""
    text = terms[k]
    here = _span(text, oracle)
    if here is None or k + 1 >= len(terms) or not PLAIN.fullmatch(terms[k + 1]):
        return
    result = float(terms[k + 1])
    for kind, codes, changed in _changes(text, shown, oracle):
        there = _span(changed, oracle)
        if there is None or abs(there[0] - result) <= 1.5 * there[1] + 2 * _unit(terms[k + 1]):
            continue
        yield Broken(kind, frozenset(codes), changed)


def _slope(number, slopes):
    """Tell whether a number is the derivative of an activation."""
    known = PLAIN.fullmatch(number) and any(abs(float(number) - s) <= _unit(number) for s in slopes)
    return {SLOPE} if known else set()


def _is_shown(number, oracle):
    """Tell whether a number is, to some digits, a value of the example."""
    return any(abs(abs(number) - abs(v)) <= 1e-4 * abs(v) for v in oracle.shown)


def _changes(text, shown, oracle):
    for match in NUMBER.finditer(text):
        for number in shown:
            if number != match[0] and not number.startswith("-"):
                codes = {"stale-number", "wrong-variable", "index"}
                if float(number) and _is_shown(float(match[0]) / float(number), oracle):
                    codes |= {"missing-factor", SLOPE}  # what stands there is the same without a factor
                yield (
                    "stale-number",
                    codes,
                    text[: match.start()] + number + text[match.end() :],
                )
                break
        for kind, number in _slips(match[0]):
            if kind == "arithmetic":
                changed = text[: match.start()] + number + text[match.end() :]
                yield kind, {"arithmetic"}, changed
                break
    for match in re.finditer(r" ([+-]) ", text):
        sign = "-" if match[1] == "+" else "+"
        yield "sign", {"sign"}, text[: match.start(1)] + sign + text[match.end(1) :]
    if not re.search(r"[()+]| - ", text) and text.count(r"\cdot") >= 1:
        parts = text.split(r" \cdot ")
        for n in range(len(parts)):
            rest = r" \cdot ".join(parts[:n] + parts[n + 1 :])
            names = {"missing-factor", *_slope(parts[n], oracle.slopes)}
            if len(parts) == len(("the number", "another")):
                names |= {"arithmetic", "stale-number"}  # one number shows nothing of how it was worked out
            lost = float(parts[n].strip("()"))
            left = [float(part.strip("()")) for part in parts[:n] + parts[n + 1 :]]
            if any(_is_shown(number * lost, oracle) for number in left):
                names |= {"stale-number"}  # what is missing belongs to another number as well
            yield "missing-factor", names, rest
