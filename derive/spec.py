"""Network files: from TOML to a network with its notation and its worked example."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path

import numpy as np

from derive import examples
from derive.losses import SUM_OF_TARGETS
from derive.network import Dense, Network, NetworkError
from derive.notation import Notation, NotationError
from derive.spec_example import Example, read_example
from derive.spec_table import Document, SpecError, Value
from derive.suggest import nearest, shown

__all__ = ["Example", "Spec", "SpecError", "load", "parse"]

MAX_BYTES = 4_000_000
MAX_TITLE = 200
MAX_WORD = 60

_NETWORK_KEYS = tuple(f.name for f in fields(Network) if f.name != "title")
_LAYER_KEYS = tuple(f.name for f in fields(Dense))
_REQUIRED = {
    "inputs": "a line such as inputs = 2",
    "loss": 'a line such as loss = "half-squared-error"',
    "layers": "a table [[network.layers]] for each layer",
}
_TOML_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_DEEP_KEY = re.compile(r"""(?<![\w-])(?:(?:[\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*){16}""")
"""A key of more parts than any here; reading one of thousands takes time that grows with the square."""


@dataclass(frozen=True)
class Spec:
    """A network file.

    Attributes
    ----------
    network : Network
    notation : Notation
        How names are spelled.
    example : Example or None
        The numbers of the worked example, where the file has one.
    source : str
        The file, or the name of the bundled example.
    """

    network: Network
    notation: Notation
    example: Example | None
    source: str

    @property
    def name(self) -> str:
        """The name of the file without folder and suffix."""
        return Path(self.source).stem

    @property
    def title(self) -> str:
        """The title, or the name where the file has none."""
        return self.network.title or self.name

    @property
    def samples(self) -> int | None:
        """The number of samples of the example; None for one sample without an axis for it."""
        return self.example.samples if self.example else None

    @cached_property
    def assumptions(self) -> frozenset[str]:
        """Which assumptions of `derive.losses` hold for the targets; all where there are no numbers."""
        if self.example is None:
            return frozenset({SUM_OF_TARGETS})
        sums = np.atleast_2d(np.array(self.example.y)).sum(axis=1)
        return frozenset({SUM_OF_TARGETS} if np.allclose(sums, 1.0, rtol=0.0, atol=1e-9) else ())


def load(name_or_path: str | Path) -> Spec:
    """Read a network file, or a bundled example.

    Parameters
    ----------
    name_or_path : str or pathlib.Path
        A path, or one of `derive.examples.names()`. A file of such a name is meant by ``./name``.

    Raises
    ------
    SpecError
        If there is no such file or example, or what is in it cannot be used.
    """
    given = str(name_or_path)
    if given in examples.names():
        return parse(examples.path(given).read_text(encoding="utf-8"), given)
    path = Path(name_or_path)
    try:
        if path.is_dir():
            raise SpecError(f"{given}: this is a folder: name a network file in it")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise SpecError(f"{given}: {_missing(given)}") from None
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise SpecError(f"{given}: cannot be read: {reason}") from error
    if len(data) > MAX_BYTES:
        raise SpecError(f"{given}: more than {MAX_BYTES:,} bytes: a network file is smaller; name another")
    try:
        return parse(data.decode("utf-8-sig"), given)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SpecError(f"{given}, line {line}: not UTF-8 text: save the file as UTF-8") from error


def _missing(given: str) -> str:
    known = examples.names()
    near = nearest(given, known)
    if near and not given.endswith(".toml"):
        return f"there is no such file or bundled example: did you mean {near!r}?"
    return f"there is no such file: chainrule new FILE writes one; bundled examples are {', '.join(known)}"


def parse(text: str, source: str) -> Spec:
    """Return the network, notation and example of a network file.

    Parameters
    ----------
    text : str
        The TOML document.
    source : str
        What messages call it.

    Raises
    ------
    SpecError
        If the text is no TOML, or anything in it is unknown, missing or out of range.
    """
    document = Document(source, text)
    top = Value(document, (), _toml(text, document))
    table = top.table(
        ("title", "network", "notation", "example"),
        {"network": "a table [network] with inputs, loss and layers"},
    )
    title = _title(table["title"]) if "title" in table else ""
    network = _network(table["network"], title)
    notation = _notation(table["notation"]) if "notation" in table else Notation()
    example = read_example(table["example"], network) if "example" in table else None
    return Spec(network, notation, example, source)


def _toml(text: str, document: Document) -> Mapping[str, object]:
    deep = _DEEP_KEY.search(text)
    if deep:
        line = text.count("\n", 0, deep.start()) + 1
        raise SpecError(
            f"{document.source}, line {line}: a key of more than 16 parts: no key here has so many"
        )
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = _TOML_PLACE.search(str(error))
        problem = _TOML_PLACE.sub("", str(error))
        if not place or not place[1]:
            raise SpecError(
                f"{document.source}, at its end: {problem}: complete the last statement"
            ) from error
        found = text.split("\n")[int(place[1]) - 1].strip()
        raise SpecError(
            f"{document.source}, line {place[1]}, column {place[2]}: {problem}: {shown(found)}"
        ) from error
    except (ValueError, RecursionError) as error:  # numbers of thousands of digits; thousands of brackets
        what = "nested too deeply" if isinstance(error, RecursionError) else "a number has too many digits"
        raise SpecError(f"{document.source}: {what}: no network file needs that") from error


def _title(value: Value) -> str:
    title = value.text()
    if len(title) > MAX_TITLE:
        raise value.error(f"{len(title)} characters are more than the {MAX_TITLE} allowed: shorten it")
    if not title.isprintable():
        raise value.error(f"a title is one line without control characters, found {shown(title)}")
    return title


def _network(value: Value, title: str) -> Network:
    table = value.table(_NETWORK_KEYS, _REQUIRED)
    inputs = table["inputs"].whole()
    words = {key: table[key].text() for key in ("loss", "layout", "bias", "reduction") if key in table}
    layers = table["layers"]
    if isinstance(layers.data, dict):
        raise layers.error("expected a list of tables: write [[network.layers]] with two brackets")
    entries = layers.entries("a list of tables, [[network.layers]]")
    try:
        return Network([_layer(entry) for entry in entries], inputs, title=title, **words)
    except NetworkError as error:
        raise table.get(error.key, value).error(str(error)) from error


def _layer(value: Value) -> Dense:
    table = value.table(_LAYER_KEYS, {"units": "a line such as units = 2"})
    try:
        return Dense(
            units=table["units"].whole(),
            **{key: table[key].text() for key in ("activation", "bias", "kind") if key in table},
        )
    except NetworkError as error:
        raise table.get(error.key, value).error(str(error)) from error


def _notation(value: Value) -> Notation:
    table = value.table(value.data if isinstance(value.data, dict) else (), {})
    for key, entry in table.items():
        if isinstance(entry.data, bool) or not isinstance(entry.data, (str, int)):
            raise entry.expected("a text in quotes, or a whole number")
        if len(key) > MAX_WORD or (isinstance(entry.data, str) and len(entry.data) > MAX_WORD):
            raise entry.error(f"more than {MAX_WORD} characters: a name has a few letters")
        try:
            Notation.from_table({key: entry.data})
        except NotationError as error:
            raise entry.error(str(error)) from error
    return Notation.from_table({key: entry.data for key, entry in table.items()})
