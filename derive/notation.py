"""How the canonical names are spelled: profiles, and single overrides."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches

_NAME = re.compile(r"(hat-)?[A-Za-z]{1,12}")
_LAYERS = ("parenthesis", "bracket", "superscript", "subscript")
_DELTAS = ("gradient", "negative-gradient")


class NotationError(ValueError):
    """An unknown profile or override, or a value that it cannot take."""


@dataclass(frozen=True)
class Notation:
    """The spelling of names; the mathematics does not depend on it.

    Attributes
    ----------
    layer : {"parenthesis", "bracket", "superscript", "subscript"}
        Where the number of a layer stands: ``z^{(1)}``, ``z^{[1]}``, ``z^1`` or ``z_1``.
    base : {0, 1}
        The number of the first unit.
    weight, bias, input, target, preactivation, activation, folded_input : str
        Letters or words: ``W``, ``net``, ``out``, ``t``. ``hat-y`` is a y with a hat, and Greek letters
        go by their names.
    output : str
        A name of its own for the output of the last layer; empty: none.
    loss, function, learning_rate, delta_name : str
    delta : {"gradient", "negative-gradient"}
        Whether delta is the derivative of the loss by ``z`` or its negative.
    """

    profile: str = "superscript"
    layer: str = "parenthesis"
    base: int = 1
    weight: str = "W"
    bias: str = "b"
    input: str = "x"
    target: str = "y"
    preactivation: str = "z"
    activation: str = "a"
    folded_input: str = "X"
    output: str = ""
    loss: str = "L"
    function: str = "sigma"
    learning_rate: str = "eta"
    delta_name: str = "delta"
    delta: str = "gradient"

    @classmethod
    def from_table(cls, table: Mapping[str, object]) -> Notation:
        """Return the notation that the table ``[notation]`` of a network file describes.

        Parameters
        ----------
        table : mapping
            ``profile`` and any field of this class as an override; words are joined by ``-`` or ``_``.

        Raises
        ------
        NotationError
            If a key or a value is not known; the message names the nearest known one.
        """
        given = {key.replace("-", "_"): value for key, value in table.items()}
        name = given.pop("profile", "superscript")
        if name not in PROFILES:
            raise NotationError(_unknown("profile", name, tuple(PROFILES)))
        known = tuple(f.name for f in fields(cls) if f.name != "profile")
        for key, value in given.items():
            if key not in known:
                raise NotationError(_unknown("key", key, known))
            _check(key, value)
        return replace(PROFILES[str(name)], **given)  # type: ignore[arg-type]  # checked above


def _check(key: str, value: object) -> None:
    allowed: dict[str, tuple[object, ...]] = {"layer": _LAYERS, "delta": _DELTAS, "base": (0, 1)}
    if key in allowed:
        if value not in allowed[key] or isinstance(value, bool):
            raise NotationError(_unknown(key, value, allowed[key]))
        return
    if key == "output" and value == "":
        return
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise NotationError(
            f"notation: {key} = {value!r}: expected 1 to 12 letters, such as 'net', 'hat-y' or 'delta'"
        )


def _unknown(what: str, value: object, allowed: tuple[object, ...]) -> str:
    words = tuple(map(str, allowed))
    near = get_close_matches(str(value), words, n=1)
    guess = f"; did you mean {near[0]!r}?" if near else ""
    return f"notation: {what} {value!r} is not known: expected one of {', '.join(words)}{guess}"


_BASE = Notation()

PROFILES: dict[str, Notation] = {
    profile.profile: profile
    for profile in (
        _BASE,
        replace(
            _BASE,
            profile="bracket",
            layer="bracket",
            preactivation="net",
            function="varphi",
            learning_rate="c",
        ),
        replace(
            _BASE,
            profile="in-out",
            layer="subscript",
            preactivation="in",
            activation="out",
            weight="w",
            loss="E",
            learning_rate="l",
        ),
        replace(
            _BASE,
            profile="zero-based",
            base=0,
            target="t",
            output="y",
            loss="MSE",
            learning_rate="mu",
        ),
        replace(_BASE, profile="subscript", layer="subscript", loss="J", function="f"),
        replace(
            _BASE,
            profile="negative-delta",
            layer="superscript",
            output="hat-y",
            loss="C",
            delta="negative-gradient",
        ),
    )
}
"""By the ``profile`` of the network file."""
