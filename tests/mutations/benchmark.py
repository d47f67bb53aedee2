"""All documents of the benchmark, and the score of each."""

from collections import defaultdict
from dataclasses import dataclass

from codegen.handout import handout
from codegen.modules import generate
from derive import examples
from derive.notation import PROFILES
from derive.spec import load
from mutations import code
from mutations.programs import PROGRAMS
from mutations.score import Case, Score, cases_of_handout, chance_of, with_profile


@dataclass(frozen=True)
class Right:
    """A right document: a handout in a notation, a program in a style, a generated module.

    Parameters
    ----------
    label
    network
        The name of the example.
    profile
        The notation of a handout; empty for code.
    style
        Of code: a key of `PROGRAMS`, or "module array", "module scalar".
    """

    label: str
    network: str
    profile: str = ""
    style: str = ""

    @property
    def spec(self):
        spec = load(self.network)
        return with_profile(spec, PROFILES[self.profile]) if self.profile else spec

    @property
    def text(self):
        if self.style.startswith("module"):
            return generate(self.spec, style=self.style.split()[1])
        return PROGRAMS[self.style][1]


def documents():
    """Return all right documents."""
    handouts = [
        Right(f"handout of {name}, {profile}", name, profile)
        for name in examples.names()
        for profile in PROFILES
    ]
    programs = [Right(f"{style}, {name}", name, style=style) for style, (name, _) in PROGRAMS.items()]
    modules = [
        Right(f"{style} of {name}", name, style=style)
        for name in examples.names()
        for style in ("module array", "module scalar")
    ]
    return [*handouts, *programs, *modules]


def cases(right, most, seed=""):
    """Yield the broken forms of one document, at most so many of each kind, chosen by a seed."""
    chance = chance_of(right.label + seed)
    if right.profile:
        yield from cases_of_handout(right.spec, right.label, chance, most)
    elif not right.style.startswith("module"):
        yield from _cases_of_code(right, chance, most)


def _cases_of_code(right, chance, most):
    found = defaultdict(list)
    lines = right.text.split("\n")
    for item in code.broken(right.text):
        found[item[0].kind].append(item)
    for kind, items in sorted(found.items()):
        for broken, line, _, _ in chance.sample(items, min(most * 4, len(items))):
            now = broken.text.split("\n")[line - 1].strip()
            shown = f"{now}   (right: {lines[line - 1].strip()})"
            # A statement is judged as a whole: its line is its place.
            yield Case("code", right.label, kind, broken.codes, broken.text, "py", line, 1, 200, shown)


def scored(right, most, formats=(".md", ".tex", ".ipynb"), seed=""):
    """Return the score of one document; a handout is read back unbroken in every format."""
    score = Score()
    spec = right.spec
    for suffix in formats if right.profile else ():
        score.clean(f"{right.label}, {suffix}", handout(spec, suffix, detail="full"), suffix[1:], spec)
    if not right.profile:
        score.clean(right.label, right.text, "py", spec)
    for case in cases(right, most, seed):
        score.add(case, spec)
    score.rows = dict(score.rows)
    return score


def merged(scores):
    """Return the sum of several scores."""
    total = Score()
    for score in scores:
        for key, row in score.rows.items():
            sum_ = total.rows[key]
            for name in ("broken", "found", "placed", "named"):
                setattr(sum_, name, getattr(sum_, name) + getattr(row, name))
        total.unbroken |= score.unbroken
        total.misses += score.misses
    return total
