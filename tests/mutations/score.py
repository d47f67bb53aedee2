"""One broken document through the verifier, and what came out of it."""

import random
from collections import defaultdict
from dataclasses import dataclass, field, replace
from itertools import takewhile

from codegen.handout import handout
from derive.check.document import check_document
from derive.check.findings import Verdict
from derive.read.document import read_text
from mutations import formulas, numbers
from mutations.documents import chains
from mutations.latex import UnknownFormError, read
from mutations.spelling import NoValueError
from mutations.values import Oracle


@dataclass(frozen=True)
class Case:
    """A document with one mistake in it.

    Parameters
    ----------
    medium
        "formula", "number" or "code".
    label
        The network and the notation or style.
    kind, codes
        As in `formulas.Broken`.
    text, suffix
        The document.
    line, start, end
        Where the mistake is; lines and columns count from 1.
    shown
        The mistake in a line.
    """

    medium: str
    label: str
    kind: str
    codes: frozenset[str]
    text: str
    suffix: str
    line: int
    start: int
    end: int
    shown: str


@dataclass
class Tally:
    """Counts of one row of the table."""

    broken: int = 0
    found: int = 0
    placed: int = 0
    named: int = 0


@dataclass
class Score:
    """What was counted, and what went wrong.

    Parameters
    ----------
    rows
        By medium and kind.
    unbroken
        By label: claims, false alarms, undecided.
    misses
        Cases that were missed, misplaced or misnamed, with what was said instead.
    """

    rows: dict = field(default_factory=lambda: defaultdict(Tally))
    unbroken: dict = field(default_factory=dict)
    misses: list = field(default_factory=list)

    def add(self, case, spec):
        """Check a case and count it."""
        row = self.rows[case.medium, case.kind]
        row.broken += 1
        report = check_document(read_text(case.text, kind=case.suffix), spec)
        wrong = [f for f in report.findings if f.verdict is Verdict.WRONG]
        here = [f for f in wrong if _overlaps(f.place, case)]
        named = [f for f in here if f.code in case.codes]
        row.found += bool(wrong)
        row.placed += bool(here)
        row.named += bool(named)
        if not named:
            level = "misnamed" if here else "misplaced" if wrong else "missed"
            said = [f"{f.verdict.value} {f.code or ''} {f.hint[:80]}" for f in (here or wrong)[:2]]
            if not said:
                said = [
                    f"{f.verdict.value} {f.hint[:80]} {f.evidence[:40]}"
                    for f in report.findings
                    if f.place.line == case.line
                ][:3]
            said += [f"[{i.convention} = {i.value}]" for i in report.inferences]
            self.misses.append((level, case, said))

    def clean(self, label, text, suffix, spec):
        """Check an unbroken document and count what it should not have said."""
        summary = check_document(read_text(text, kind=suffix), spec).summary
        self.unbroken[label] = summary


def _overlaps(place, case):
    if not place.line <= case.line <= place.end_line:
        return False
    first = place.column if place.line == case.line else 1
    last = place.end_column if place.end_line == case.line else 10_000
    return first <= case.end + 1 and last >= case.start - 1


def _displayed(chain):
    return f"$$\n{' = '.join(chain)}\n$$\n"


def preamble(every, oracle):
    """Return the claims that stand before a broken one: those in general, without numbers and elements."""
    general = [list(takewhile(lambda side: not ("." in side or r"\begin" in side), c)) for c in every]
    return [chain for chain in general if len(chain) > 1 and all(_is_general(s, oracle) for s in chain)][:40]


def _is_general(side, oracle):
    try:
        names = [node for node in read(side, oracle.names.functions).walk() if node.kind == "name"]
        return not any(index.isdigit() for name in names for index in oracle.names.apart(name.text).at)
    except (UnknownFormError, NoValueError):
        return False


def cases_of_handout(spec, label, chance, most):
    """Yield documents made of the claims of a handout, each with one mistake."""
    oracle = Oracle(spec)
    every = [list(chain) for chain in chains(handout(spec, ".md", detail="full"))]
    before = "".join(map(_displayed, preamble(every, oracle)))
    shown = [(t, chain) for chain in every for t in chain if numbers.PLAIN.fullmatch(t)]
    found = defaultdict(list)
    for chain in every:
        for k in range(1, len(chain)):
            for change in formulas.broken(chain, k, oracle):
                found["formula", change.kind].append((before, chain, k, change))
            others = chance.sample(shown, min(4, len(shown)))
            displayed = before + "".join(map(_displayed, {tuple(other): other for _, other in others}))
            stated = [(other[0], number) for number, other in others]
            for change in numbers.broken(chain, k, oracle, [number for number, _ in others], stated):
                found["number", change.kind].append((displayed, chain, k, change))
    for (medium, _), items in sorted(found.items()):
        for before_it, chain, k, change in chance.sample(items, min(most, len(items))):
            sides = [*chain[:k], change.text, *chain[k + 1 :]]
            line = f"{' = '.join(sides)}"
            start = len(" = ".join([*chain[:k], ""])) + 1
            text = f"{before_it}$$\n{line}\n$$\n"
            yield Case(
                medium,
                label,
                change.kind,
                change.codes,
                text,
                "md",
                before_it.count("\n") + 2,
                start,
                start + len(change.text),
                f"{chain[0]} = {change.text}   (right: {chain[k]})",
            )


def handout_text(spec):
    """Return the handout of a network, unbroken."""
    return handout(spec, ".md", detail="full")


def with_profile(spec, notation):
    """Return a network file in another notation."""
    return replace(spec, notation=notation)


def chance_of(label):
    """Return the generator of random choices of one document."""
    return random.Random(label)  # noqa: S311  which mistakes are tried is no secret
