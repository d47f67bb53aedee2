"""Which array each value of a computation is kept in, so that few are needed: by when it is read last."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush

from codegen.modules.array_instructions import OUT, Instruction, Kind
from codegen.modules.array_shapes import Shape
from codegen.modules.lines import Line


@dataclass
class Buffer:
    """An array that a computation writes to.

    Attributes
    ----------
    name : str
        That of the first value that is kept in it.
    shape : tuple of sympy.Expr
    values : list of str
        All values that are kept in it, one after the other.
    made : str
        How it is made; empty where it is made without contents.
    augmented : bool
        Whether it is the part of an array over a row of ones, which the computation reads as well.
    """

    name: str
    shape: Shape
    values: list[str]
    made: str = ""
    augmented: bool = False

    @property
    def whole(self) -> Shape:
        """The shape of the array that it is, or is a part of."""
        return (self.shape[0] + 1, *self.shape[1:]) if self.augmented else self.shape

    @property
    def names(self) -> list[str]:
        """What it is called, and what that is called of which it is a part."""
        return [self.name, f"augmented_{self.name}"] if self.augmented else [self.name]


@dataclass(frozen=True)
class Assigned:
    """A computation with its arrays.

    Attributes
    ----------
    lines : list of Line
    buffers : list of Buffer
        Without those of the results.
    """

    lines: list[Line]
    buffers: list[Buffer]


def assigned(instructions: Sequence[Instruction], results: Collection[str]) -> Assigned:
    """Return a computation in which every array is named, and used again once its value is read no more.

    Parameters
    ----------
    instructions : sequence of Instruction
    results : collection of str
        Values that have an array of their own name, given by the caller, and stay.
    """
    state = _State(instructions, frozenset(results))
    lines = [line for number in range(len(instructions)) for line in state.lines(number)]
    return Assigned(lines, state.buffers)


@dataclass
class _State:
    instructions: Sequence[Instruction]
    results: frozenset[str]
    buffers: list[Buffer] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.kept_in: dict[str, Buffer] = {}
        self.waiting: list[tuple[int, int, str]] = []
        self.free: dict[Shape, deque[Buffer]] = {}
        self.source_of: dict[str, str] = {}
        self.pinned: dict[str, str] = {}
        defined = {
            i.target for i in self.instructions if i.kind in (Kind.ELEMENTWISE, Kind.PRODUCT, Kind.COPIED)
        }
        for instruction in self.instructions:
            source = instruction.source.partition("[")[0]
            if instruction.kind is Kind.AUGMENTED:
                self.source_of[instruction.target] = source
            if instruction.kind is Kind.VIEW:
                self.source_of[instruction.target] = source
                whole = source == instruction.source
                named = instruction.target in self.results and source not in self.results
                if named and whole and source in defined:
                    self.pinned.setdefault(source, instruction.target)
        self.last_read: dict[str, int] = {}
        self.last_named: dict[str, int] = {}
        self.reads = [instruction.reads for instruction in self.instructions]
        for number, instruction in enumerate(self.instructions):
            for name in self.reads[number]:
                self.last_read[self.origin(name)] = number
                if instruction.kind is not Kind.AUGMENTED:
                    self.last_named[name] = number
        self.first = {i.target: n for n, i in reversed(list(enumerate(self.instructions)))}

    def origin(self, name: str) -> str:
        """Return the value that a view is a part of."""
        while name in self.source_of:
            name = self.source_of[name]
        return name

    def lines(self, number: int) -> list[Line]:
        instruction = self.instructions[number]
        target, source = instruction.target, instruction.source
        if instruction.kind is Kind.CHANGED:
            made: Line | None = Line("", source, instruction.comment)
        elif instruction.kind is Kind.FILLED:
            if target not in self.kept_in:
                self.keep(number, self.new(instruction))
            made = Line("", source, instruction.comment)
        elif instruction.kind is Kind.AUGMENTED:
            buffer = self.kept_in[self.origin(source)]
            buffer.augmented = True
            name = buffer.names[-1]
            return [Line(target, name)] * (name != target)
        elif instruction.kind is Kind.VIEW and self.is_unread(number):
            made = None
        elif instruction.kind is Kind.LASTING:
            self.new(instruction)
            made = Line("", source, instruction.comment) if source else None
        elif instruction.kind is Kind.COPIED:
            name = self.array_for(number)
            named = [Line(target, name)] * (name != target)
            self.release(number)
            return [*named, Line("", f"{target}[...] = {source}", instruction.comment)]
        elif instruction.kind in (Kind.ELEMENTWISE, Kind.PRODUCT):
            name = self.array_for(number)
            rebound = name != target or instruction.shape  # a product that is a number is returned as a copy
            made = Line(target if rebound else "", source.replace(OUT, name), instruction.comment)
        elif target in self.results and self.result_of(instruction) != target:
            made = Line("", f"{target}[...] = {source}", instruction.comment)
        else:
            made = Line(target, source, instruction.comment)
        self.release(number)
        return [] if made is None else [made]

    def result_of(self, instruction: Instruction) -> str | None:
        """Return the result whose array a view of a whole value is."""
        return self.pinned.get(instruction.source) if instruction.kind is Kind.VIEW else None

    def array_for(self, number: int) -> str:
        instruction = self.instructions[number]
        own = (
            instruction.target if instruction.target in self.results else self.pinned.get(instruction.target)
        )
        if own is not None:
            return own
        buffer = self.reused(number) or self.new(instruction)
        if instruction.target not in buffer.values:
            buffer.values.append(instruction.target)
        self.keep(number, buffer)
        return buffer.name

    def reused(self, number: int) -> Buffer | None:
        """Return an array whose value is read here for the last time, or was before."""
        instruction = self.instructions[number]
        if not instruction.shape:
            return None
        if instruction.kind is Kind.ELEMENTWISE:
            for name in sorted(self.reads[number]):
                buffer = self.kept_in.get(name)
                if buffer is not None and buffer.shape == instruction.shape and self.dies(name, number):
                    del self.kept_in[name]
                    return buffer
        free = self.free.get(instruction.shape)
        return free.popleft() if free else None

    def keep(self, number: int, buffer: Buffer) -> None:
        """Note the array of a value, and when it is read no more: not before the next statement."""
        name = self.instructions[number].target
        self.kept_in[name] = buffer
        end = max(self.last_read.get(name, number), self.first[name] + 1)
        heappush(self.waiting, (end, number, name))

    def is_unread(self, number: int) -> bool:
        """Whether nothing reads another name for an array, which is no result either."""
        target = self.instructions[number].target
        return target not in self.results and self.last_named.get(target, number) <= number

    def dies(self, name: str, number: int) -> bool:
        return self.last_read.get(name, number) <= number

    def new(self, instruction: Instruction) -> Buffer:
        self.buffers.append(
            Buffer(instruction.target, instruction.shape, [instruction.target], instruction.made)
        )
        return self.buffers[-1]

    def release(self, number: int) -> None:
        """Set arrays free whose values are read no more."""
        over = []
        while self.waiting and self.waiting[0][0] <= number:
            over.append(heappop(self.waiting)[1:])
        for _, name in sorted(over):
            if name in self.kept_in:
                buffer = self.kept_in.pop(name)
                self.free.setdefault(buffer.shape, deque()).append(buffer)
