"""The judge of formulas: from the segments of a document to findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from derive.check.findings import Finding, Inference, Place, Verdict
from derive.check.formula.chain import Judge
from derive.check.formula.context import Context
from derive.check.formula.frame import names_of, quiet
from derive.check.formula.functions import LETTERS
from derive.check.formula.identifiers import with_own_identifiers
from derive.check.formula.infer import infer
from derive.check.formula.label_names import letters_of_labels, sample_of_label
from derive.check.formula.letters import Letters, suggested
from derive.check.formula.mere import ends_mere, names_in
from derive.check.formula.one_variable import inner_variables
from derive.check.formula.own_letters import without_own_letters
from derive.check.formula.own_names import COUNTERS
from derive.check.formula.prepare import prepared
from derive.check.formula.settled import settled_delta
from derive.check.formula.values import Truth
from derive.check.ledger import Ledger
from derive.check.names import Reading, first_reading
from derive.check.world import World
from derive.notation import Notation
from derive.read.document_types import Macro, Segment
from derive.read.formula import Formula, Statement, Unreadable, read_formula
from derive.read.formula_walk import walk
from derive.read.lexicon import DEFAULT, Lexicon
from derive.read.tree import Call, Comparison, Name, Span

_KINDS = frozenset({"formula", "textmath"})
_DEMANDS = frozenset({"<", ">", "≤", "≥", "≠", "∈"})


@dataclass(frozen=True)
class Judged:
    """What became of the formulas of a document.

    Attributes
    ----------
    findings : tuple of Finding
        In the order of the segments; `because_of` counts in this tuple.
    segments : tuple of int
        For each finding, the position of its segment.
    inferences : tuple of Inference
    reading : Reading
        The conventions that the document was read by.
    delta : str or None
        What delta is; None where it was neither stated nor shown by a claim.
    """

    findings: tuple[Finding, ...]
    segments: tuple[int, ...]
    inferences: tuple[Inference, ...]
    reading: Reading
    delta: str | None = None


def check_formulas(
    segments: Sequence[Segment],
    world: World,
    notation: Notation,
    assume: Mapping[str, str] | None = None,
    ledger: Ledger | None = None,
    macros: Sequence[Macro] = (),
) -> Judged:
    """Judge every claim of the formulas of a document, in order.

    Parameters
    ----------
    segments : sequence of Segment
        Of any kind; formulas and mathematics in text are judged.
    world : World
        The true values.
    notation : Notation
        How the network file spells the names; the document may differ.
    assume : mapping, optional
        Conventions by name (`derive.check.formula.conventions.options`), which are then not inferred.
    ledger : Ledger, optional
        What was stated before; extended in place.
    macros : sequence of Macro, optional
        Commands that the document defines.

    Raises
    ------
    AssumeError
        If `assume` names an unknown convention or value.
    """
    truth, expected = Truth(world), first_reading(world.network, notation, world.derivation.samples)
    lexicon = with_own_identifiers(lexicon_for(notation), (part.text for _, part in _mathematics(segments)))
    read = [(k, part, read_formula(part.text, lexicon, macros=macros)) for k, part in _mathematics(segments)]
    expected = _without_functions([formula for _, _, formula in read], expected)
    expected = expected.changed(inner=inner_variables((formula for _, _, formula in read), expected))
    formulas: list[tuple[int, Segment, Formula]] = []
    for k, segment, formula in read:
        after_mere = bool(formulas) and ends_mere(formulas[-1][2])
        formulas.append((k, segment, prepared(formula, expected, after_mere=after_mere)))
    if _has_capitals([formula for _, _, formula in formulas], expected):
        expected = expected.changed(small_letters="one sample")
    sample_letter, candidates = letters_of_labels(formula for _, _, formula in formulas)
    expected = expected.changed(sample_letter=sample_letter, label_candidates=candidates)
    expected = expected.changed(meanings=_meanings([formula for _, _, formula in formulas], expected))
    expected = without_own_letters([formula for _, _, formula in formulas], expected)
    reading, inferences = infer(truth, expected, [f for _, _, f in formulas], assume or {})
    judge = Judge(Context(truth, reading, ledger if ledger is not None else Ledger()))
    owners: list[int] = []
    supposed: tuple[Comparison, ...] = ()  # by a formula that is a condition of the next one: "if i = j"
    for k, segment, formula in formulas:
        place = _placing(segment)
        supposing: tuple[Comparison, ...] = ()
        for statement, conditions in with_conditions(formula, reading):
            if isinstance(statement, Unreadable):
                judge.findings.extend(_refused(statement, segment, place))
            elif (condition := _condition(statement, reading)) is not None:
                supposing = (*supposing, condition)
            else:
                judge.statement(statement, (*conditions, *supposed), segment.text, place)
        supposed = supposing
        owners += [k] * (len(judge.findings) - len(owners))
    delta = (assume or {}).get("delta") or next(
        (i.value for i in inferences if i.convention == "delta"), None
    )
    if delta is None and any(segment.kind == "code" for segment in segments):
        delta = settled_delta(truth, reading, [f for _, _, f in formulas])
    return Judged(tuple(judge.findings), tuple(owners), inferences, reading, delta)


def _without_functions(formulas: Sequence[Formula], reading: Reading) -> Reading:
    """Return a reading in which letters that a document only calls, as in ``z_j = h(a_j)``, are functions."""
    terms = [term for f in formulas for s in f.statements for term in s.terms]
    called = {node.function.base for term in terms for node in walk(term) if isinstance(node, Call)}
    candidates = called & LETTERS & reading.roles.keys()
    if not candidates:
        return reading
    functions = candidates - {name.base for term in terms for name in names_in(term)}
    return reading.changed(roles={k: role for k, role in reading.roles.items() if k not in functions})


def _has_capitals(formulas: Sequence[Formula], reading: Reading) -> bool:
    """Tell whether capital letters stand for what has a value for each sample: small ones are of one then."""
    names = (name for f in formulas for s in f.statements for term in s.terms for name in names_of(term))
    kinds = frozenset({"z", "a", "x", "X"})
    return any(name.base.isupper() and reading.roles.get(name.base) in kinds for name in names)


def _meanings(formulas: Sequence[Formula], reading: Reading) -> tuple[Letters, ...]:
    """Return what layers the letters of units may stand for."""
    names = (name for f in formulas for s in f.statements for term in s.terms for name in names_of(term))
    refs = ((name, ref) for name in names if (ref := quiet(name, reading)) is not None)
    return suggested(refs, reading.layers, reading.from_to)


def _mathematics(segments: Iterable[Segment]) -> Iterator[tuple[int, Segment]]:
    return ((k, segment) for k, segment in enumerate(segments) if segment.kind in _KINDS)


def lexicon_for(notation: Notation) -> Lexicon:
    """Return the lexicon that knows the names of a notation."""
    layered = [notation.weight, notation.bias, notation.preactivation, notation.activation]
    plain = [notation.input, notation.target, notation.learning_rate, notation.output.removeprefix("hat-")]
    lexicon = DEFAULT.with_names(*(name for name in layered if name), layered=True)
    lexicon = lexicon.with_names(*(name for name in plain if name and not lexicon.knows(name)))
    return lexicon.with_names(notation.loss, kind="loss")


def _placing(segment: Segment) -> Callable[[Span], Place]:
    def place(span: Span) -> Place:
        start, end = segment.locate(span.start), segment.locate(span.end)
        return Place(start.line, start.column, end.line, end.column, start.cell)

    return place


def with_conditions(
    formula: Formula,
    reading: Reading,
) -> Iterator[tuple[Statement | Unreadable, tuple[Comparison, ...]]]:
    """Yield the main statements, each with the side conditions that follow it."""
    items = formula.items
    for k, item in enumerate(items):
        if isinstance(item, Unreadable):
            if item.role == "main":
                yield item, ()
            continue
        if item.role == "where" and not _is_claim(item):
            continue
        conditions: list[Comparison] = []
        for later in items[k + 1 :]:
            if isinstance(later, Unreadable):
                break
            condition = _condition(later, reading)
            if later.role != "where" and condition is None:
                break
            if condition is not None:
                conditions.append(condition)
            elif later.relations and not _is_claim(later):
                conditions.append(Comparison(later.terms, later.relations, span=later.span))
        yield item, tuple(conditions)


def _counts(letter: str, reading: Reading) -> bool:
    return letter in COUNTERS or sample_of_label(letter, reading) is not None


def _condition(statement: Statement, reading: Reading) -> Comparison | None:
    """Return what a statement demands of indices, such as ``i ≠ j``; None if it claims something."""
    node = statement.terms[0]
    if statement.relations:
        node = Comparison(statement.terms, statement.relations, span=statement.span)
    if not isinstance(node, Comparison):
        return None
    letters = [term for term in node.terms if isinstance(term, Name) and _counts(term.base, reading)]
    unequal = set(node.relations) <= _DEMANDS
    return node if letters and (unequal or len(letters) == len(node.terms)) else None


def _is_claim(statement: Statement) -> bool:
    return bool(statement.relations) and set(statement.relations) <= {"=", "≈", ":="}


def _refused(item: Unreadable, segment: Segment, place: Callable[[Span], Place]) -> Iterator[Finding]:
    text = item.span.slice(segment.text)
    if any(sign in text for sign in ("=", "approx", "≈", "gets", "leftarrow", "←")):
        yield Finding(
            Verdict.UNDECIDED, place(item.at), text.strip(), hint=f"it cannot be read: {item.reason}"
        )
