"""Values as Python and NumPy print them, with every width and length bounded."""

from __future__ import annotations

import ast
import re
import string
from typing import TYPE_CHECKING

import numpy as np

from derive.read.code.budget import Refused
from derive.read.code.events import PrintedValue
from derive.read.code.values import (
    Bound,
    Builtin,
    Class,
    Function,
    Instance,
    Module,
    Record,
    Unknown,
    Value,
    find_unknown,
    weigh,
)

if TYPE_CHECKING:
    from derive.read.code.machine import Machine

_OPTIONS: dict[str, tuple[type, ...]] = {
    "precision": (int,),
    "threshold": (int,),
    "edgeitems": (int,),
    "linewidth": (int,),
    "suppress": (bool,),
    "floatmode": (str,),
    "sign": (str,),
}
# NumPy's own defaults, whatever this process has set.
_DEFAULTS: dict[str, Value] = {
    "precision": 8,
    "threshold": 1000,
    "edgeitems": 3,
    "linewidth": 75,
    "suppress": False,
    "floatmode": "maxprec",
    "sign": "-",
    "nanstr": "nan",
    "infstr": "inf",
    "formatter": None,
    "legacy": False,
}
_LARGEST_OPTION = 10_000
_LONG_NUMBER = re.compile(r"\d{4,}")
_PERCENT = re.compile(r"%(?:\((\w+)\))?([#0\- +]*)(\d{0,3})((?:\.\d{0,3})?)([diouxXeEfFgGcrsa%])")


def check_print_options(options: dict[str, Value]) -> dict[str, Value]:
    """Check arguments of ``numpy.set_printoptions``."""
    checked = {}
    for name, value in options.items():
        if value is None:
            continue
        if name not in _OPTIONS or not isinstance(value, _OPTIONS[name]):
            raise Refused(f"the printing option {name!r} is not followed")
        if isinstance(value, int) and not 0 <= value <= _LARGEST_OPTION:
            raise Refused(f"the printing option {name!r} is out of range")
        checked[name] = value
    return checked


def to_text(machine: Machine, value: Value) -> str:
    """Return what ``str(value)`` gives; an unknown value gives a question mark."""
    if isinstance(value, str):
        return value
    if isinstance(value, Instance):
        method = value.cls.find("__str__") or value.cls.find("__repr__")
        if isinstance(method, Function):
            text = machine.call(machine, Bound(method, value), (), {}, machine.site)
            return text if isinstance(text, str) else "?"
    if isinstance(value, np.ndarray):
        # Printing summarises beyond the threshold, and the threshold is bounded.
        machine.meter.labour(min(value.size, _LARGEST_OPTION) * 50)
        with np.printoptions(**{**_DEFAULTS, **machine.print_options}):
            return str(value)
    return to_code(machine, value)


def to_code(machine: Machine, value: Value) -> str:
    """Return what ``repr(value)`` gives; NumPy's scalars appear as the plain numbers they hold."""
    if isinstance(value, np.ndarray):
        machine.meter.labour(min(value.size, _LARGEST_OPTION) * 50)
        with np.printoptions(**{**_DEFAULTS, **machine.print_options}):
            return np.array_repr(value)
    if isinstance(value, np.bool_ | np.integer):
        return repr(value.item())
    if isinstance(value, np.floating):
        return str(value)
    if value is None or value is Ellipsis or isinstance(value, bool | int | float | range | slice):
        return repr(value)
    if isinstance(value, str):
        machine.meter.characters(4 * len(value))
        return repr(value)
    if isinstance(value, list | tuple | set | dict):
        machine.meter.step(weigh(value, 10_000))
        return _container(machine, value)
    return _other(value)


def _container(machine: Machine, value: Value) -> str:
    if isinstance(value, dict):
        pairs = (f"{to_code(machine, key)}: {to_code(machine, item)}" for key, item in value.items())
        return "{" + ", ".join(pairs) + "}"
    inner = [to_code(machine, item) for item in value]
    if isinstance(value, Record):
        named = zip(value.cls.fields or (), inner, strict=True)
        return f"{value.cls.name}({', '.join(f'{name}={text}' for name, text in named)})"
    machine.meter.characters(sum(map(len, inner)))
    if isinstance(value, list):
        return "[" + ", ".join(inner) + "]"
    if isinstance(value, set):
        return "{" + ", ".join(inner) + "}" if inner else "set()"
    return "(" + inner[0] + ",)" if len(inner) == 1 else "(" + ", ".join(inner) + ")"


def _other(value: Value) -> str:
    match value:
        case Builtin(name=name) | Module(name=name):
            return name.rpartition(".")[2]
        case Function(name=name):
            return f"<function {name}>"
        case Class(name=name):
            return f"<class {name}>"
        case Instance(cls=cls):
            return f"<{cls.name} object>"
    return "?"


def is_complete(value: Value) -> bool:
    """Tell whether the text of a value is what Python would print."""
    if isinstance(value, Unknown | Function | Class | Builtin | Module | Bound):
        return False
    if isinstance(value, Instance):
        return isinstance(value.cls.find("__str__") or value.cls.find("__repr__"), Function)
    if isinstance(value, list | tuple | dict | set):
        return find_unknown(value) is None
    return True


def note_piece(machine: Machine, node: ast.expr, value: Value, text: str) -> None:
    """Remember a value that becomes part of a printed text."""
    if machine.pieces is not None and not isinstance(value, str):
        source = machine.text(node)
        machine.pieces.append(PrintedValue(source, machine.snapshot(value), text, machine.span(node)))


def format_value(machine: Machine, value: Value, spec: str, conversion: str = "") -> str:
    """Return what ``format(value, spec)`` gives."""
    if isinstance(value, Unknown):
        return "?"
    if _LONG_NUMBER.search(spec):
        raise Refused(f"the format {spec!r} has too large a width")
    if conversion == "r" or conversion == "a":
        value = to_code(machine, value)
    elif conversion == "s" or not spec:
        value = to_text(machine, value)
    if not spec and isinstance(value, str):
        return value
    if isinstance(value, np.generic):
        value = value.item()
    if not isinstance(value, bool | int | float | str):
        raise TypeError(f"unsupported format string for {type(value).__name__}")
    text = format(value, spec)
    machine.meter.characters(len(text))
    return text


def format_percent(machine: Machine, template: str, value: Value) -> str:
    """Return what ``template % value`` gives."""
    values = iter(value if isinstance(value, tuple) else (value,))
    parts, position = [], 0
    while (start := template.find("%", position)) >= 0:
        found = _PERCENT.match(template, start)
        if found is None:
            raise Refused("this % format is not followed")
        parts.append(template[position:start])
        position = found.end()
        name, flags, width, precision, kind = found.groups()
        if kind == "%":
            parts.append("%")
            continue
        item = value[name] if name else next(values, None)
        if isinstance(item, np.ndarray) and item.size == 1 and kind not in "rsa":
            item = item.reshape(()).item()
        if isinstance(item, Unknown):
            parts.append("?")
        elif kind in "rsa":
            text = to_text(machine, item) if kind == "s" else to_code(machine, item)
            parts.append(("%" + flags + width + precision + "s") % text)
        elif isinstance(item, int | float | np.number):
            parts.append(("%" + flags + width + precision + kind) % item)
        else:
            raise TypeError(f"%{kind} format: a number is required")
    parts.append(template[position:])
    machine.meter.characters(sum(map(len, parts)))
    return "".join(parts)


def format_template(
    machine: Machine, template: str, args: tuple[Value, ...], kwargs: dict[str, Value]
) -> str:
    """Return what ``template.format(*args, **kwargs)`` gives; fields are names or numbers, nothing more."""
    parts, automatic = [], 0
    for literal, name, spec, conversion in string.Formatter().parse(template):
        parts.append(literal)
        if name is None:
            continue
        if not name:
            name, automatic = str(automatic), automatic + 1
        if not (name.isdecimal() or name.isidentifier()) or "{" in (spec or ""):
            raise Refused(f"the format field {name!r} is not followed")
        value = args[int(name)] if name.isdecimal() and len(name) < 4 else kwargs[name]
        parts.append(format_value(machine, value, spec or "", conversion or ""))
    machine.meter.characters(sum(map(len, parts)))
    return "".join(parts)
