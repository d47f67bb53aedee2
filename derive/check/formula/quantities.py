"""Names in formulas: the values that they have in the true derivation, or by the document's definitions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from derive.arithmetic import Array
from derive.check.formula.definition import Definition
from derive.check.formula.errors import SINGLE_ELEMENTS, MistakeError, Undecided, UnknownNameError
from derive.check.formula.evaluate import Evaluator, register
from derive.check.formula.frame import Extent, Frame, extents, layer_number, quiet, sample_extent
from derive.check.formula.label_names import label_values, sample_of_label
from derive.check.formula.marks import Index, Ref, power_of, spelled
from derive.check.formula.mere import MERE, values_of
from derive.check.formula.shapes import is_matrix, picked, size_of
from derive.check.formula.shares import SHARES
from derive.check.formula.slices import cut_of, part
from derive.check.intervals import Value, power
from derive.check.names import Reading
from derive.read import tree
from derive.read.tree import Name, Node

_PREFIX = {"z": "z", "a": "a", "W": "W", "b": "b", "X": "X"}


def own_key(name: Name) -> str:
    """Return the key of a document's own name: its letter, accents, primes and what distinguishes it."""
    scripts = (*name.subscripts, *name.superscripts)
    marks = ";".join(",".join("·" * len(letters_of(script))) or script.text for script in scripts)
    return f"{spelled(name)}{chr(39) * name.primes}|{marks}"


def letters_of(script: tree.Script) -> tuple[str, ...]:
    """Return the index symbols that a script consists of, over which a definition is general; () if not."""
    words = script.tokens[::2]
    listed = all(comma == "," for comma in script.tokens[1::2])
    return words if listed and all(len(word) == 1 and word.isalpha() for word in words) else ()


def letters_in(name: Name) -> tuple[str, ...]:
    """Return the index symbols of a name of the document's own, in order."""
    return tuple(letter for s in (*name.subscripts, *name.superscripts) for letter in letters_of(s))


def other_name(ev: Evaluator, node: Name) -> Ref | None:
    """Return the quantity that a name of the document's own stands for, such as a weight by its number."""
    if not ev.definitions:
        return None
    exponents = [power for s in node.superscripts if (power := power_of(s)) is not None]
    marks = tuple(s for s in node.superscripts if power_of(s) is None)
    kept = tuple(s for s in marks if s.roles[0] != "update")
    definition = ev.definitions.get(own_key(replace(node, superscripts=kept)))
    if definition is None or not isinstance(definition.node, Name) or definition.symbols:
        return None
    ref = quiet(definition.node, ev.reading)
    if ref is None or ref.at is None:
        return None
    ref = replace(ref, power=exponents[0]) if exponents else ref
    return replace(ref, updated=True) if len(kept) < len(marks) else ref


def tensor_name(ref: Ref, ev: Evaluator, frame: Frame) -> str:
    """Return the canonical tensor that a name stands for."""
    if ref.role in ("x", "y", "L", "eta"):
        return ref.role
    if ref.role == "out":
        return f"a{ev.reading.layers}"
    if ref.role == "share":
        return SHARES
    if ref.layer is None:
        raise Undecided("the name says nothing of its layer")
    number = layer_number(ref.layer, ref.role, ev.reading, frame.layers)
    if ref.role == "delta":
        return f"dz{number}"
    if number == 0:
        return "x"
    name = f"{_PREFIX[ref.role]}{number}"
    if ref.role in ("W", "b"):
        if ref.role == "b" and ev.reading.network.bias_of(number) != "separate":
            raise Undecided("the network has no bias of its own")
        ev.doubts.add("updated")
        if ref.updated or (ref.updated is None and ev.mode.updated == "all"):
            return f"{name}_new"
    return name


def _name(ev: Evaluator, node: Name, frame: Frame) -> Value:
    if node.base in frame.units and not node.subscripts and not node.superscripts and not node.primes:
        return frame.units[node.base].astype(float)[None, :]
    if not node.subscripts and (sample := sample_of_label(node.base, ev.reading)) is not None:
        return label_values(sample, ev.reading, frame).astype(float)[None, :]
    if (cut := cut_of(node)) is not None:
        return part(ev, cut[0], ev.value(cut[0], frame), cut[1])
    ref = other_name(ev, node)
    if ref is None:
        if own_key(node) in ev.definitions or spelled(node) in ev.free:
            return _own(ev, node, frame)
        ref = ev.reading.resolve(node)
    if ref is None:
        return _own(ev, node, frame)
    value = value_of_ref(ev, ref, frame, node)
    return value if ref.power == 1 else power(value, ref.power)


def value_of_ref(ev: Evaluator, ref: Ref, frame: Frame, node: Node) -> Value:
    """Return the value of what a name stands for, without a power on it."""
    if ref.role == "m":
        return np.full((1, 1), float(ev.truth.samples))
    if ref.role == "size":
        if ref.layer is None:
            raise Undecided("the number of units of which layer?")
        number = layer_number(ref.layer, "size", ev.reading, frame.layers)
        return np.full((1, 1), float(ev.reading.network.sizes[number]))
    if ref.role == "L" and ref.sample is not None and ev.truth.batched:
        (where,) = sample_place(ev, ref, frame, node)
        return ev.points(ev.truth.losses)[:, where] * scale(ev, ref.role)
    name = tensor_name(ref, ev, frame)
    if not ev.truth.has(name):
        raise Undecided(f"the network has no {name}")
    data = ev.points(ev.truth.tensor(name)) * scale(ev, ref.role)
    if ref.role in ("L", "eta"):
        return data[:, None]
    if ref.sample is not None and ev.truth.batched:
        return of_sample(ev, ref, data, frame, node)
    if ref.at is None:
        return whole(ev, ref.role, data)
    return gathered(data, places(ev, ref, frame, node), frame, node)


def of_sample(ev: Evaluator, ref: Ref, data: Array, frame: Frame, node: Node) -> Value:
    """Return a tensor of one sample, or an element of it."""
    assert ref.sample is not None  # noqa: S101  asked for by the caller
    if ref.at is not None:
        return gathered(data, places(ev, ref, frame, node), frame, node)
    (where,) = sample_place(ev, ref, frame, node)
    chosen = data[:, where]
    return chosen[:, :, None, :] if lying(ev, ref.role) == "row" else chosen[:, :, :, None]


def scale(ev: Evaluator, role: str) -> float:
    """Return what the network's value is multiplied by to give the document's."""
    if role in ("L", "share"):
        return ev.reading.loss_scale
    if role == "delta":
        sign = -1.0 if ev.reading.delta == "negative-gradient" else 1.0
        return ev.reading.loss_scale * sign * each_sample(ev)
    return 1.0


def each_sample(ev: Evaluator) -> float:
    """Return what turns the adjoint of a mean over a batch into that of each sample's own loss."""
    return float(ev.truth.samples) if ev.reading.each_sample and ev.truth.batched else 1.0


def whole(ev: Evaluator, role: str, data: Array) -> Value:
    """Return a whole tensor as the document lays it out."""
    if data.ndim == 1:
        return data[:, None]
    if data.ndim == 2:
        lies = lying(ev, role)
        return data[:, None, None, :] if lies == "row" else data[:, None, :, None]
    turned = ev.reading.flipped if role == "W" else (ev.reading.vectors == "column")
    return data[:, None].swapaxes(-1, -2) if turned else data[:, None]


def lying(ev: Evaluator, role: str) -> str:
    """Return how the vectors of a role lie."""
    if ev.mode.partials == "rows" and role == "delta":
        return "row"
    if ev.mode.partials == "columns" and role == "delta":
        return "column"
    return ev.reading.biases if role == "b" else ev.reading.vectors


def sample_place(ev: Evaluator, ref: Ref, frame: Frame, node: Node) -> list[Array]:
    """Return the position along the axis of the samples, where there is one, for every combination."""
    if not ev.truth.batched or ref.role in ("W", "b"):
        return []
    if ref.sample is None:
        raise Undecided(SINGLE_ELEMENTS)
    return [_positions(ref.sample, sample_extent(ev.reading), frame, node, ev.reading)]


def places(ev: Evaluator, ref: Ref, frame: Frame, node: Node) -> list[Array]:
    """Return the position along each axis of the canonical tensor, for every combination."""
    before = sample_place(ev, ref, frame, node)
    lengths = extents(ref, ev.reading, frame.layers)
    found = []
    for entry, length in zip(ref.at or (), lengths, strict=True):
        found.append(_positions(entry, length, frame, node, ev.reading))
    if ref.role == "W" and ev.reading.from_to != (ev.reading.network.layout == "row"):
        found.reverse()
    return [*before, *found]


def _positions(entry: Index, extent: Extent, frame: Frame, node: Node, reading: Reading) -> Array:
    place = np.full(frame.size, entry.offset - extent.first)
    length = extent.length
    for symbol in entry.symbols:
        if (sample := sample_of_label(symbol, reading)) is not None:
            place = place + label_values(sample, reading, frame)
        elif symbol in frame.units:
            place = place + frame.units[symbol]
        elif symbol in frame.layers:
            place = place + frame.layers[symbol]
        else:
            raise Undecided(f"the index {symbol} is explained nowhere")
    outside = (place < 0) | (place >= length)
    if np.any(outside & frame.mask):
        if set(entry.symbols) & frame.bound:
            raise MistakeError(
                "index", f"the sum runs out of range at the index {entry.text}", node.span, True
            )
        if not entry.symbols:
            message = f"the index {entry.text} does not exist: there are {length}, from {extent.first}"
            raise MistakeError("index", message, node.span)
        frame.mask &= ~outside
    return np.clip(place, 0, length - 1)


def gathered(data: Array, where: Sequence[Array], frame: Frame, node: Node) -> Value:
    """Return the elements of a tensor at the given places."""
    if data.ndim - 1 != len(where):
        raise MistakeError("index", "a wrong number of indices", node.span)
    return picked(data, *where).reshape(data.shape[0], frame.size)


def element_of(ev: Evaluator, value: Value, entries: Sequence[Index], frame: Frame, node: Node) -> Value:
    """Return single elements of a matrix that was computed: ``(W x + b)_i``."""
    if not is_matrix(value):
        raise Undecided("an index on a number")
    rows, columns = size_of(value)
    base = ev.reading.base
    if len(entries) == 1 and min(rows, columns) == 1:
        value = value.reshape(value.shape[0], value.shape[1], rows * columns)
        where = [_positions(entries[0], Extent(base, rows * columns), frame, node, ev.reading)]
    elif len(entries) == 2:
        where = [
            _positions(e, Extent(base, n), frame, node, ev.reading)
            for e, n in zip(entries, (rows, columns), strict=True)
        ]
    else:
        raise MistakeError("index", "a wrong number of indices", node.span)
    combinations = np.arange(frame.size) if value.shape[1] > 1 else np.zeros(frame.size, dtype=int)
    return picked(value, combinations, *where)


def _own(ev: Evaluator, node: Name, frame: Frame) -> Value:
    """Return the value of a name that the document has defined, or of a mere argument."""
    if spelled(node) in ev.free and not node.subscripts and not node.superscripts:
        return ev.free[spelled(node)]
    if node.base.startswith(MERE):
        return ev.points(values_of(node.base, ev.truth.count))
    definition = ev.definitions.get(own_key(node))
    if definition is None:
        if node.base in ("pi",):
            return np.full((1, 1), np.pi)
        if node.base == "e" and not node.subscripts:
            return np.full((1, 1), np.e)
        raise UnknownNameError(spelled(node))
    if definition.numeric:
        ev.doubts.add("example")
    if ev.expanding > 20:
        raise Undecided("a definition that goes round in a circle")
    inner = _with_symbols(definition, node, frame)
    ev.expanding += 1
    try:
        return ev.value(definition.node, inner)
    finally:
        ev.expanding -= 1


def _with_symbols(definition: Definition, node: Name, frame: Frame) -> Frame:
    used = letters_in(node)
    if len(used) != len(definition.symbols):
        raise UnknownNameError(spelled(node))
    layers, units = dict(frame.layers), dict(frame.units)
    for symbol, text in zip(definition.symbols, used, strict=True):
        if text in frame.units:
            units[symbol] = frame.units[text]
        elif text in frame.layers:
            layers[symbol] = frame.layers[text]
    return Frame(layers, units, frame.mask, frame.bound)


register(Name, _name)
