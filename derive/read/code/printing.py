"""``print``: its text as Python writes it, and the values in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.read.code.budget import Refused
from derive.read.code.events import Printed
from derive.read.code.rendering import is_complete, to_text
from derive.read.code.values import Unknown, Value

if TYPE_CHECKING:
    from derive.read.code.machine import Machine


def print_values(machine: Machine, args: tuple[Value, ...], kwargs: dict[str, Value]) -> None:
    """Log what ``print(*args, **kwargs)`` writes.

    Raises
    ------
    Refused
        If the document has printed more than its share.
    """
    separator = kwargs.get("sep", " ")
    end = kwargs.get("end", "\n")
    texts = [to_text(machine, value) if is_complete(value) else "?" for value in args]
    separator = separator if isinstance(separator, str) else " "
    text = separator.join(texts) + (end if isinstance(end, str) else "\n")
    machine.meter.printed += len(text)
    if machine.meter.printed > machine.meter.budget.printed:
        raise Refused(f"more than {machine.meter.budget.printed} characters are printed")
    pieces = tuple(machine.pieces or ())
    complete = all(map(is_complete, args)) and not any(isinstance(p.value, Unknown) for p in pieces)
    event = Printed(
        text,
        pieces,
        complete,
        machine.span(machine.site),
        machine.calls,
        machine.loops,
        machine.log.next_order(),
        machine.running,
    )
    machine.log.add(event)
