"""The judge of code: follow it, judge its assignments in order, then what it printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from derive.check.code.book import Book, CodeVerdicts
from derive.check.code.claims import Claims
from derive.check.code.convention import Sign, Signs, signs_of
from derive.check.code.elements import Elements
from derive.check.code.expectation import State
from derive.check.code.outputs import judge_outputs
from derive.check.code.own_numbers import own_numbers
from derive.check.code.places import Places
from derive.check.code.runs import Followed, follow, key_of
from derive.check.code.samples import Samples, inputs_of_one, single
from derive.check.code.scalars import check_scalars
from derive.check.code.unrecognised import what_was_looked_for
from derive.check.code.unused import unused_gradients
from derive.check.findings import Inference, Verdict
from derive.check.ledger import Told
from derive.check.world import World
from derive.program import Role
from derive.read.code import Assigned, Unsupported
from derive.read.document_types import Document


def check_code(
    document: Document, world: World, delta: Sign | None = None, told: Told | None = None
) -> CodeVerdicts:
    """Judge the code cells of a document and what they printed.

    Parameters
    ----------
    document : Document
    world : World
    delta : {1, -1}, optional
        What the document says that its delta is, the derivative or its negative; inferred from the
        values where it does not say.
    told : Ledger, optional
        What the formulas of the document state, and where.
    """
    verdicts = CodeVerdicts()
    if not any(segment.kind == "code" for segment in document.segments):
        return verdicts
    followed = follow(document, world)
    known = followed.world
    elements = Elements(followed)
    found = signs_of(known, followed, elements)
    signs = Signs(delta or found.deltas, found.gradients)
    if signs.deltas == -1:
        evidence = "the values of the deltas in the code are -dL/dz"
        verdicts.inferences.append(Inference("delta", "negative-gradient", evidence))
    state = State(followed.inputs, known.derivation.program)
    book = Book(Places(document), state, verdicts, state)
    judge = Claims(known, followed, elements, state, book, signs, {}, told or Told())
    one = _one_sample(judge)
    for event in followed.events:
        if isinstance(event, Unsupported):
            if not judge.mistakes.failed(event):
                book.unsupported(event)
        elif isinstance(event, Assigned) and (one is None or not one.takes(event)):
            if one is not None:
                one.hand_over(state, known.derivation.samples)
            judge.assignment(event)
    judge.mistakes.close()
    names = [t.name for t in state.program.with_role(Role.PARAMETER)]
    verdicts.notes.extend(unused_gradients(names, state, judge.idle_biases.names))
    standing = book.standing
    if not any(name.startswith("W") for name in followed.givens.values()):
        single_numbers, elements_held = check_scalars(document, world)
        if single_numbers:
            undecided = [finding for finding in verdicts.findings if finding.verdict is Verdict.UNDECIDED]
            verdicts.findings[:] = [*single_numbers, *undecided]
            standing = elements_held
    verdicts.notes.extend(own_numbers(known, followed, book.places))
    verdicts.notes.extend(what_was_looked_for(known, followed, verdicts.findings))
    judge_outputs(document, known, followed, standing, verdicts.findings)
    return verdicts


class _OneSample:
    """The judge of code that goes through the samples of a batch one at a time."""

    def __init__(self, samples: Samples, claims: Claims, followed: Followed, batch: State) -> None:
        self._samples, self._claims, self._followed, self._batch = samples, claims, followed, batch
        self._within = False
        self._parameters = [t.name for t in batch.program.with_role(Role.PARAMETER)]

    def takes(self, event: Assigned) -> bool:
        """Whether an assignment belongs to the round of one sample; it is judged then."""
        values = self._followed.values.get(key_of(event))
        state = self._claims.state
        if values and (name := self._samples.take(event, values, self._claims.book.places)) is not None:
            if not self._within:
                self._within = True
                _share(self._batch, state, self._parameters)
            shape = state.program.tensors[name].shape
            state.stated[name] = [v.reshape([int(n) for n in shape]) for v in values]
            state.taint[name] = None
            return True
        if not self._samples.holds(event):
            return False
        self._claims.assignment(event)
        return True

    def hand_over(self, batch: State, samples: object) -> None:
        """Give the batch the samples of the round that is over, and the parameters as it left them."""
        if not self._within:
            return
        self._within = False
        _share(self._claims.state, batch, self._parameters)
        for name, values in self._samples.batch(samples).items():
            batch.stated[name] = values
            batch.taint[name] = None


def _share(source: State, target: State, names: Sequence[str]) -> None:
    """Take over the parameters of another state, and which of them an update has renewed."""
    target.stated.update({name: source.stated[name] for name in names if name in source.stated})
    target.renewed = dict(source.renewed)


def _one_sample(judge: Claims) -> _OneSample | None:
    """Return the judge of single samples, where the code has a batch."""
    if judge.world.derivation.samples is None:
        return None
    world, followed, book = single(judge.world), judge.followed, judge.book
    state = State(inputs_of_one(followed.inputs), world.derivation.program)
    own = replace(book, state=state, before=state)
    claims = Claims(
        world, followed, judge.elements, state, own, judge.signs, judge.trained, judge.written_out.told
    )
    claims.causes.orphans = judge.causes.orphans
    judge.causes.last_sample = state
    return _OneSample(Samples(world.network), claims, followed, book.state)
