"""What the name of a variable suggests that it holds: ``dEdW2``, ``delta_L2``, ``self.z1``, ``W_l2_grad``.

A name is a hint and never a proof: what a variable is taken for is decided by its values.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_LOSS = r"(?:l|e|c|j|loss|cost|err|error|mse|bce|ce)"
_UNIT = r"(?:in|out|net|z|a|h|o|w|b|x|weights?|bias(?:es)?|hidden|output)"


@dataclass(frozen=True)
class Hint:
    """A guess at a quantity.

    Attributes
    ----------
    kind : str
        ``z``, ``a``, ``W``, ``b``, ``x``, ``y``, ``L``, ``eta``; ``dz``, ``da``, ``dW``, ``db`` for
        adjoints; ``W_new``, ``b_new`` for updated parameters; ``slope`` for the derivative of an activation.
    layer : int or None
        As the name says it, from 1 (a list index counts from 0).
    labelled : bool
        Whether the name calls itself a derivative of the loss (``dLdW``, ``dC/dW``).
    listed : bool
        Whether the layer is the index of a list, which may count from either end.
    anchored : bool
        Whether the layer is certain, because others of its list or series were recognised.
    """

    kind: str
    layer: int | None = None
    labelled: bool = False
    listed: bool = False
    anchored: bool = False


_INNER: tuple[tuple[str, str], ...] = (
    (r"w|weights?|theta|wt|wl", "W"),
    (r"b|bias(?:es)?|bl", "b"),
    (r"z|net|in|inp|pre|logits?|s|v|u|zl", "z"),
    (r"a|al|out|o|h|act|activation|x|pred|y_?hat|y_?pred|output|hidden", "a"),
)

_ENTRY = re.compile(r"""\w+\[(["'])(\w+)\1\]""")
"""An entry of a dictionary, which is named by its key: ``parameters["W1"]``."""

_COLLECTED = re.compile(r"\w*(?:grad|nabla|back)\w*|d|dparams?", re.I)
"""A collection of derivatives, whose entries are called like what they belong to: ``grads["W1"]``."""

_GREEK = str.maketrans({"δ": "delta", "η": "eta", "α": "alpha", "μ": "mu", "θ": "theta", "ŷ": "y_hat"})

_GRADIENTS = {"W": "dW", "b": "db", "z": "dz", "a": "da"}

_ATTRIBUTES = frozenset({"T", "shape", "size", "ndim"})

_WHOLE: tuple[tuple[str, str], ...] = (
    (r"eta|lr|mu|alpha|learning_?rate|rate|step|(?-i:c|l|n)", "eta"),
    (r"y_?hat|y_?pred|predict(?:ion|ed)?|pred", "a"),
    (r"(?:x|a0|z0|inputs?|features)(?:_?(?:i|in|input|0|data|train|batch|s))?", "x"),
    (r"(?:y|t|targets?|labels?|d)(?:_?(?:true|target|label|value|i|train|batch|s))?", "y"),
    (rf"{_LOSS}|total_?loss|total_?error", "L"),
)


@lru_cache(maxsize=4096)
def hint_of(name: str) -> Hint | None:
    """Return what a name suggests, or None.

    Parameters
    ----------
    name : str
        As in the code, with its indices evaluated: ``delta_L2``, ``a[1]``, ``self.z1``.
    """
    plain = name.split(".")[-1]
    if plain in _ATTRIBUTES and plain != name:
        return None
    listed = re.fullmatch(r"(\w+)\[(-?\d+)\]", plain)
    place = int(listed[2]) + 1 if listed and int(listed[2]) >= 0 else None
    entry = _ENTRY.fullmatch(plain)
    words = (entry[2] if entry else listed[1] if listed else plain).strip("_").translate(_GREEK)
    if not re.fullmatch(r"\w+", words):
        return None
    found = _derivative(words) or _updated(words) or _delta(words) or _simple(words)
    if entry and found is not None and found.kind in _GRADIENTS and _COLLECTED.fullmatch(_owner(plain)):
        found = Hint(_GRADIENTS[found.kind], found.layer)
    if found is None or place is None:
        return found
    return Hint(found.kind, place, found.labelled, listed=True) if found.layer is None else found


def _owner(plain: str) -> str:
    return plain.partition("[")[0]


def _derivative(words: str) -> Hint | None:
    match = re.fullmatch(rf"(?:grad_)?d_?{_LOSS}_?d_?(\w+)", words, re.I)
    if match:
        return _of(match[1], labelled=True)
    match = re.fullmatch(rf"d_?({_UNIT}(?:_?l?\d+)?)_?d_?({_UNIT}(?:_?l?\d+)?)", words, re.I)
    if match:
        top, bottom = (_inner(part) for part in match.groups())
        if top and bottom and (top[0], bottom[0]) == ("a", "z"):
            return Hint("slope", bottom[1])
        return Hint("none")
    match = re.fullmatch(
        r"(\w+?)_?grad(?:ient)?s?|(?:grad(?:ient)?s?|nabla|(?-i:g)_?(?=[wb]\d*$))_?(\w+)|d_?(\w+)",
        words,
        re.I,
    )
    if match is None or re.fullmatch(
        r"d(?:elta|\d+|ata|im|ot|iff|_?sigmoid|_?relu|_?tanh|_?mse)?", words, re.I
    ):
        return None
    return _of(next(part for part in match.groups() if part), labelled=not words.startswith("d"))


def _of(words: str, labelled: bool) -> Hint | None:
    found = _inner(words)
    return Hint(f"d{found[0]}", found[1], labelled) if found else None


def _inner(words: str) -> tuple[str, int | None] | None:
    body, layer = _layer(words)
    for pattern, kind in _INNER:
        if re.fullmatch(pattern, body, re.I):
            return kind, layer
    return None


def _layer(words: str) -> tuple[str, int | None]:
    """Split ``W_l2``, ``inL1`` and ``w1`` into a letter and a layer."""
    match = re.fullmatch(r"(.*?)_?[lL]?_?(\d{1,2})", words)
    if match and match[1]:
        return match[1].rstrip("_"), int(match[2])
    return words, None


def _updated(words: str) -> Hint | None:
    match = re.fullmatch(r"(\w+?)_?(?:new|updated|next|n|upd)|(?:new|updated)_?(\w+)", words, re.I)
    if match is None:
        return None
    found = _inner(match[1] or match[2])
    return Hint(f"{found[0]}_new", found[1]) if found and found[0] in "Wb" else None


def _delta(words: str) -> Hint | None:
    ahead = re.fullmatch(r"(?:l|layer|hidden|output|out|h|o|z)?_?(\d{1,2})?_?delta", words, re.I)
    if ahead is not None:
        return Hint("dz", int(ahead[1]) if ahead[1] else None)
    match = re.fullmatch(
        r"(?:delta|d|err|error)s?_?[lL]?_?(\d{1,2})?(?:_?(?:hidden|hid|out|output|h|o))?", words, re.I
    )
    if match is None or words in ("d", "err", "error", "Error"):
        return None
    return Hint("dz", int(match[1]) if match[1] else None)


def _simple(words: str) -> Hint | None:
    for pattern, kind in _WHOLE:
        if re.fullmatch(pattern, words, re.I):
            return Hint(kind)
    found = _inner(words)
    return Hint(*found) if found else None
