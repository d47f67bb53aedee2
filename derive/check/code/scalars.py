"""The judge of code in single numbers: ``net_h1 = w1*i1 + w2*i2 + b1``, where every variable is an element.

The code is followed at the example's numbers and at others in their place. A variable is the element whose
value it has each time; one that is none, although its name says so, is wrong if a single edit mends it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from derive.check.code.edits import Expression, Fix, tried
from derive.check.code.outputs import Standing
from derive.check.code.perturb import GivenKey
from derive.check.code.places import Places
from derive.check.code.plain import plain
from derive.check.code.runs import cells_of, executions_of, statement_of, statements_of
from derive.check.code.scalar_givens import (
    RUNS,
    Element,
    ScalarGivens,
    kind_of,
    number_of,
    recognise_scalars,
    true_values,
)
from derive.check.code.shapes import Array, spoken
from derive.check.findings import Finding, Verdict
from derive.check.world import World
from derive.read.code import Assigned, AssignTarget, Budget, Run, interpret
from derive.read.document_types import Document

_MOST_MISTAKES = 12
_CLOSE = 1e-7
_BUDGET = Budget(loop_steps=2_000, steps=200_000)
_NAMED = ("z", "a", "dz", "da", "dW", "db")
Slip = tuple[GivenKey, Fix, Element]


def check_scalars(
    document: Document, world: World
) -> tuple[list[Finding], dict[tuple[object, int], Standing]]:
    """Judge code whose variables are single numbers.

    Parameters
    ----------
    document : Document
    world : World

    Returns
    -------
    list of Finding
        Nothing where the numbers written out are not those of an example of one sample.
    dict of (str, int) to Standing
        What variables stand for, by name and the order of the assignment.
    """
    if not world.example_inputs or world.derivation.samples is not None:
        return [], {}
    givens = recognise_scalars(interpret(cells_of(document), budget=_BUDGET), world)
    if givens is None:
        return [], {}
    places, truth = Places(document), true_values(givens, world)
    passes = [_Pass(document, givens, truth, {}, places)]
    slips: list[Slip] = []
    while len(slips) < _MOST_MISTAKES and (slip := passes[-1].slip()) is not None:
        slips.append(slip)
        mended = {key: truth[element] for key, _, element in slips}
        passes.append(_Pass(document, givens, truth, mended, places))
    standing: dict[tuple[object, int], Standing] = {}
    return list(_findings(passes, slips, standing)), standing


class _Pass:
    """What the variables are worth in all runs, with the mistakes found so far set right."""

    def __init__(
        self,
        document: Document,
        givens: ScalarGivens,
        truth: Mapping[Element, Array],
        mended: Mapping[GivenKey, Array],
        places: Places,
    ) -> None:
        self.truth, self.mended, self.places = truth, mended, places
        fixed: dict[GivenKey, Sequence[float]] = {
            **givens.values,
            **{k: v.tolist() for k, v in mended.items()},
        }
        self._given = {key[1]: [np.asarray(v) for v in values] for key, values in givens.values.items()}
        runs = [_followed(document, fixed, run) for run in range(RUNS)]
        self._reads = [executions_of(run) for run in runs]
        tables = [{_key(e): e for e in run.events if isinstance(e, Assigned)} for run in runs]
        self.events: dict[GivenKey, Assigned] = {}
        self.values: dict[GivenKey, Array] = {}
        for key, event in tables[0].items():
            numbers = [number_of(table[key]) for table in tables if key in table]
            present = [number for number in numbers if number is not None and np.isfinite(number)]
            result = event.kind == "part" and event.calls  # of a function; what takes it is judged
            if len(present) == RUNS and key not in givens.elements and not event.given and not result:
                self.events[key], self.values[key] = event, np.array(present)
        self.elements = {key: _element(values, truth) for key, values in self.values.items()}

    def slip(self) -> Slip | None:
        """Return the first variable that is not what its name says, and that one edit sets right."""
        taken = {element for element in self.elements.values() if element is not None}
        pool = dict(self._given)
        for key, event in self.events.items():
            if self.unexplained(key) and key not in self.mended:
                kind = kind_of(event.resolved)
                wanted = {e: v for e, v in self.truth.items() if _is(kind, e[0]) and e not in taken}
                found = self._edit(event, pool, wanted)
                if found is not None:
                    return key, *found
            pool[event.resolved] = [np.asarray(number) for number in self.values[key]]
        return None

    def unexplained(self, key: GivenKey) -> bool:
        """Whether a value is no element, no negative of one, which may be meant, and is not changed later."""
        name = self.events[key].resolved
        later = [k for k in self.events if k[1] == name and self.events[k].order > self.events[key].order]
        signed = (self.values[key], -self.values[key])
        return not later and all(_element(values, self.truth) is None for values in signed)

    def _edit(
        self, event: Assigned, pool: Mapping[str, list[Array]], wanted: Mapping[Element, Array]
    ) -> tuple[Fix, Element] | None:
        node = self.places.expression(event)
        if node is None or not wanted:
            return None
        reads = [kept.get(statement_of(event), {}).get(event.execution, ()) for kept in self._reads]
        tables = [{operand.text: operand.value.reshape(()) for operand in read} for read in reads]
        shared = {
            text: [table[text] for table in tables] for text in tables[0] if all(text in t for t in tables)
        }
        update = any(name.endswith("_new") for name, _ in wanted)
        for fix, results in tried(Expression(plain(node), shared, pool, update), RUNS):
            element = _element(np.array([float(r) for r in results]), wanted) if _single(results) else None
            if element is not None:
                return fix, element
        return None


def _followed(document: Document, fixed: Mapping[GivenKey, Sequence[float]], number: int) -> Run:
    """Follow the code with other numbers in place of what it gives, and of what was found wrong."""
    cells = cells_of(document)

    def override(target: AssignTarget, value: object) -> float | None:
        del value
        found = fixed.get((target.span, target.resolved, target.count))
        return None if found is None else found[number]

    return interpret(cells, override=override, record=statements_of(cells), budget=_BUDGET)


def _key(event: Assigned) -> GivenKey:
    return event.span, event.resolved, event.count


def _single(results: Sequence[Array]) -> bool:
    return all(result.size == 1 for result in results)


def _element(values: Array, truth: Mapping[Element, Array]) -> Element | None:
    """Return the element that has the values in every run."""
    for element, true in truth.items():
        if np.all(np.abs(values - true) <= _CLOSE * np.maximum(np.abs(true), 1e-3)):
            return element
    return None


def _is(kind: str | None, name: str) -> bool:
    """Whether a quantity is of the kind that a name suggests."""
    letters = name.rstrip("0123456789") if not name.endswith("_new") else f"{name[0]}_new"
    return kind is not None and (letters == kind or (kind in ("W", "b") and letters == f"{kind}_new"))


def _findings(
    passes: Sequence[_Pass], slips: Sequence[Slip], standing: dict[tuple[object, int], Standing]
) -> Iterator[Finding]:
    """Yield what holds, what is wrong, and what is right once a mistake is set right.

    What the variables stand for is added to `standing`.
    """
    first = passes[0]
    wrong = {key: (fix, element) for key, fix, element in slips}
    positions: dict[GivenKey, int] = {}
    shown = [
        key
        for key, event in first.events.items()
        if any(p.elements.get(key) for p in passes)
        or (kind_of(event.resolved) in _NAMED and passes[-1].unexplained(key))
        or key in wrong
    ]
    for number, key in enumerate(shown):
        event = first.events[key]
        place, text = first.places.of_statement(event), first.places.statement(event)
        meant = (
            wrong[key][1] if key in wrong else next((e for p in passes if (e := p.elements.get(key))), None)
        )
        if meant is not None and not event.loops:
            standing[event.resolved, event.order] = Standing(_spoken(meant), number, event)
        if key in wrong:
            positions[key] = number
            fix, element = wrong[key]
            yield _mistake(first, key, fix, element)
        elif (found := first.elements[key]) is not None:
            yield Finding(Verdict.RIGHT, place, text, evidence=f"its values are {_spoken(found)}")
        elif (mended := next((k for k, p in enumerate(passes) if p.elements.get(key)), None)) is None:
            kind = kind_of(event.resolved)
            words = f"it is no {spoken(kind or '')} of the network, and no known slip explains it"
            yield Finding(Verdict.UNDECIDED, place, text, hint=words)
        else:
            words = f"right given an earlier mistake: {_spoken(passes[mended].elements[key] or ('L', ()))}"
            root = positions.get(slips[mended - 1][0])
            yield Finding(Verdict.FOLLOWS, place, text, hint=words, because_of=root)


def _mistake(found: _Pass, key: GivenKey, fix: Fix, element: Element) -> Finding:
    event = found.events[key]
    given, true = f"{found.values[key][0]:.6g}", f"{found.truth[element][0]:.6g}"
    return Finding(
        Verdict.WRONG,
        found.places.of_statement(event),
        found.places.statement(event),
        code=fix.code,
        expected=f"{_spoken(element)} = {true}",
        given=given,
        hint=fix.words,
        counterexample=f"at the document's numbers {event.name} is {given}; it should be {true}",
    )


def _spoken(element: Element) -> str:
    """Return an element as one says it, with indices from 0: ``dL/dW2[0, 1]``."""
    name, index = element
    at = f"[{', '.join(map(str, index))}]" if index else ""
    if name.endswith("_new"):
        return f"{name.removesuffix('_new')}{at} after the update"
    return f"{spoken(name)}{at}"
