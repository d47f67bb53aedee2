"""How a notation spells names in TeX: taken apart, and put together."""

import re
from dataclasses import dataclass

GREEK = {"delta", "eta", "mu", "sigma", "varphi", "phi", "theta", "alpha", "beta", "gamma", "lambda"}
AROUND = {"parenthesis": "({})", "bracket": "[{}]", "superscript": "{}"}


class NoValueError(Exception):
    """The formula has no value: shapes that do not fit, an index that does not exist."""


class AmbiguousError(ValueError):
    """The formula can be meant in several ways."""


def spell(letter):
    """Return a name of a notation as TeX writes it."""
    if letter.startswith("hat-"):
        return rf"\hat{{{letter[4:]}}}"
    if letter in GREEK:
        return f"\\{letter}"
    return letter if len(letter) == 1 else rf"\mathrm{{{letter}}}"


@dataclass(frozen=True)
class Spelled:
    """A name taken apart: its role, its layer as a number, its indices as texts."""

    role: str
    layer: int | None
    at: tuple[str, ...]
    updated: bool = False


class Names:
    """How a notation spells, both ways."""

    def __init__(self, notation):
        self.notation = notation
        roles = [
            ("z", notation.preactivation),
            ("a", notation.activation),
            ("W", notation.weight),
            ("b", notation.bias),
            ("x", notation.input),
            ("y", notation.target),
            ("L", notation.loss),
            ("eta", notation.learning_rate),
            ("dz", notation.delta_name),
            ("X", notation.folded_input),
        ]
        self.roles = {spell(letter): role for role, letter in roles}
        if notation.output:
            self.roles[spell(notation.output)] = "out"
        self.roles.setdefault("w", "W")
        self.letters = {role: letter for letter, role in reversed(self.roles.items())}
        self.functions = (spell(notation.function),)

    def apart(self, text):
        """Return what a name stands for."""
        base = re.match(r"\\mathrm\{[A-Za-z]+\}|\\hat\{[a-z]\}|\\[A-Za-z]+|[A-Za-z]", text)[0]
        role = self.roles.get(base)
        if role is None:
            raise NoValueError(f"what is {text}?")
        layer, at, updated = None, (), False
        for mark, inner in re.findall(r"([_^])\{((?:[^{}]|\\mathrm\{new\})*)\}", text[len(base) :]):
            if r"\mathrm{new}" in inner:
                updated, inner = True, inner.replace(r"\mathrm{new}", "").strip(",")
                if not inner:
                    continue
            if mark == "^":
                layer = int(inner.strip("()[]"))
                continue
            parts = inner.split(",")
            if self.notation.layer == "subscript" and role not in ("x", "y", "out", "L", "eta"):
                layer, parts = int(parts[0]), parts[1:]
            at += tuple(parts) if len(parts) > 1 or any(c in inner for c in "+-") else tuple("".join(parts))
        return Spelled(role, layer, at, updated)

    def together(self, role, layer, at, like=""):
        """Return a name as TeX."""
        base = self.letters[role] if role != "W" or not at else self.letters["W"].lower()
        del like
        if layer is None or role in ("x", "y", "out", "L", "eta"):
            return base + (f"_{{{''.join(at)}}}" if at else "")
        if self.notation.layer == "subscript":
            return base + "_{" + ",".join([str(layer), *(["".join(at)] if at else [])]) + "}"
        return (
            base
            + "^{"
            + AROUND[self.notation.layer].format(layer)
            + "}"
            + (f"_{{{''.join(at)}}}" if at else "")
        )
