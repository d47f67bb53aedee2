"""Bundled example networks, and a record of every number that their sources print about them.

`NAME.toml` is a network file like any other. `NAME.numbers.toml` is the record: what stands in the source,
digit for digit, so that whatever computes the same network can be compared with numbers of somebody else.
"""

from __future__ import annotations

import difflib
import tomllib
from dataclasses import dataclass
from decimal import Decimal
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

Digits: TypeAlias = "str | tuple[Digits, ...]"
Numbers: TypeAlias = "float | tuple[Numbers, ...]"

_NETWORK = ".toml"
_RECORD = ".numbers.toml"

FLOAT_NOISE = 1e-15
"""Allowed on top of half a printed unit, relative above 1: 16 printed digits may differ in the last two."""


class UnknownExampleError(KeyError):
    """There is no bundled example of that name."""

    def __init__(self, name: str) -> None:
        known = names()
        near = difflib.get_close_matches(name, known, n=1)
        remedy = f"did you mean {near[0]!r}?" if near else "choose one of these."
        super().__init__(f"no bundled example is called {name!r}; there are {', '.join(known)}: {remedy}")

    def __str__(self) -> str:
        """Give the message as it is; KeyError would put it in quotes."""
        return str(self.args[0])


@dataclass(frozen=True)
class PrintedQuantity:
    """One quantity as a source prints it.

    Parameters
    ----------
    quantity
        Canonical name: `z1`, `a1`, `X2` (a folded input, 1 before `a1`), `loss`, `loss_after`; `grad:W1`
        for dL/dW1, `derivative:a1` for the activation's derivative at `z1`, `product:W1` for `z1` before
        its bias, `updated:W1`, and `after:a2` for a forward value after the update.
    printed
        The digits as they stand, in the canonical shape: a scalar is one string, one sample is a vector, a
        matrix has the network's layout.
    where
        Where the source prints it.
    sign
        -1 where, by the source's convention, the digits are those of the negated quantity.
    places
        Decimals to which the printing program rounded, where it cuts the zeros at the end (as NumPy does);
        otherwise the digits of each number count.
    slack
        How much further off a value computed from the printed givens may be, because the source computed with
        more digits of them than it prints.
    true
        Whether the source's number is right.
    truth
        What should stand in its place, where it is not.
    why
        What went wrong there, in a sentence.
    """

    quantity: str
    printed: Digits
    where: str
    sign: int = 1
    places: int | None = None
    slack: float = 0.0
    true: bool = True
    truth: Numbers | None = None
    why: str = ""

    def mismatches(self, value: ArrayLike) -> tuple[tuple[int, ...], ...]:
        """Positions at which the printed digits are not those of `value`, the quantity as computed.

        A number agrees when it lies within half a unit of the last printed place.

        Raises
        ------
        ValueError
            `value` has another shape than what is printed.
        """
        import numpy as np  # here, so that listing the examples does not wait for it

        digits = np.array(self.printed, dtype=object)
        computed = self.sign * np.asarray(value, dtype=float)
        if computed.shape != digits.shape:
            raise ValueError(
                f"{self.quantity} is printed with shape {digits.shape}, the value has {computed.shape}"
            )
        positions = np.ndindex(digits.shape)
        return tuple(at for at in positions if not self._agrees(str(digits[at]), float(computed[at])))

    def _agrees(self, digits: str, value: float) -> bool:
        exponent = Decimal(digits).as_tuple().exponent
        places = -int(exponent) if self.places is None else self.places
        noise = FLOAT_NOISE * max(1.0, abs(value))
        return abs(value - float(digits)) <= 0.5 * 10.0**-places + noise + self.slack


def names() -> tuple[str, ...]:
    """Names of the bundled examples, in alphabetical order."""
    found = sorted(entry.name for entry in files(__name__).iterdir())
    networks = (name for name in found if name.endswith(_NETWORK) and not name.endswith(_RECORD))
    return tuple(name.removesuffix(_NETWORK) for name in networks)


def path(name: str) -> Traversable:
    """Give the network file of an example.

    Raises
    ------
    UnknownExampleError
        There is none of that name.
    """
    if name not in names():
        raise UnknownExampleError(name)
    return files(__name__) / f"{name}{_NETWORK}"


def record(name: str) -> tuple[PrintedQuantity, ...]:
    """Give what the source of an example prints, in its order; nothing where there is no source.

    Raises
    ------
    UnknownExampleError
        There is no example of that name.
    """
    path(name)  # refuses an unknown name
    numbers = files(__name__) / f"{name}{_RECORD}"
    if not numbers.is_file():
        return ()
    entries = tomllib.loads(numbers.read_text(encoding="utf-8"))["number"]
    frozen = ({key: _frozen(value) for key, value in entry.items()} for entry in entries)
    return tuple(PrintedQuantity(**entry) for entry in frozen)


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value
