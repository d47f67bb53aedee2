"""The result of the benchmark as a table, and as a page of the documentation."""

AIMS = "Aim: 99.9 % found, 98 % placed, 95 % named, no false alarm."

INTRODUCTION = """\
# Mutations

How well does `chainrule verify` find mistakes? `make mutations` takes right derivations: the claims of
the handouts of the bundled examples in every notation, and NumPy programs in the styles of real notes.
It breaks one thing at a time, as every entry of the catalogue of mistakes does, at places where that
changes a value beyond rounding, and asks the verifier. A broken formula stands behind the claims in
general of the same handout, a broken number also behind lines that display others. Which change changes
a value is decided by a reader and an evaluator of the benchmark's own, at random numbers; they share
nothing with the verifier. A program is run.

- **found**: something in the broken document is called wrong;
- **placed**: what is called wrong is the side (in code: the statement) that was broken;
- **named**: it has the code of the entry that broke it.

A change that comes, by chance, to the same values as another entry's has the names of both: a term left
out of `1 - a` is also a missing factor where the rest is 1. The same change may also have two names by
its nature: two indices of a weight exchanged (`index`, `transpose`), another layer (`index`,
`wrong-variable`), a transpose lost so that the shapes do not fit (`transpose`, `shape`), the sign of a
negated delta (`negated-gradient`, `sign`). Where a working is left with one number, nothing shows what
is missing, and `arithmetic` will do. How a vector lies, a matrix with one entry in the place of a
number, two vectors side by side, which may be meant element by element or as a dot product, and a number
that comes out of the digits displayed before it (`1 - a` has fewer of them than `a`) are no mistakes here.

Among the unbroken documents are the handouts in every format that the verifier reads, and the
generated modules, with the formulas beside their lines.
"""


def _row(name, tally):
    shares = " | ".join(
        f"{100 * part / tally.broken:.1f} %" for part in (tally.found, tally.placed, tally.named)
    )
    return f"| {name} | {tally.broken} | {shares} |"


def _sum(tallies):
    tallies = list(tallies)
    total = type(tallies[0])()
    for name in ("broken", "found", "placed", "named"):
        setattr(total, name, sum(getattr(tally, name) for tally in tallies))
    return total


def summary(score):
    """Return the table."""
    lines = ["| what | broken | found | placed | named |", "| --- | ---: | ---: | ---: | ---: |"]
    media = sorted({medium for medium, _ in score.rows})
    for medium in media:
        for (where, kind), tally in sorted(score.rows.items()):
            if where == medium:
                lines.append(_row(f"{medium}: `{kind}`", tally))
        lines.append(_row(f"**{medium}, all**", _sum(t for (m, _), t in score.rows.items() if m == medium)))
    if score.rows:
        lines.append(_row("**all**", _sum(score.rows.values())))
    false = {label: counts for label, counts in score.unbroken.items() if counts["wrong"]}
    claims = sum(sum(counts.values()) for counts in score.unbroken.values())
    undecided = sum(counts["undecided"] for counts in score.unbroken.values())
    lines += [
        "",
        f"Unbroken: {len(score.unbroken)} documents with {claims} claims; "
        f"{sum(c['wrong'] for c in false.values())} false alarms, {undecided} undecided.",
    ]
    for label, counts in sorted(false.items()):
        lines.append(f"- {label}: {counts['wrong']} false alarms")
    return "\n".join(lines)


def page(score, most, seed=""):
    """Return the page of the documentation, with the worst rows."""
    lines = [
        INTRODUCTION,
        f"Mistakes of one kind tried in one document, by a fixed seed{f' (`{seed}`)' if seed else ''}: "
        f"{most} (in programs {4 * most}).",
        "",
        AIMS,
        "",
        summary(score),
        "",
        "## The worst rows",
        "",
    ]
    short = [item for item in score.rows.items() if item[1].named < item[1].broken]
    worst = sorted(short, key=lambda item: item[1].named / item[1].broken)[:8]
    for (medium, kind), tally in worst:
        lines.append(f"### {medium}: `{kind}`, {tally.named} of {tally.broken} named")
        lines.append("")
        shown = [
            (level, case, said)
            for level, case, said in score.misses
            if (case.medium, case.kind) == (medium, kind)
        ]
        for level, case, said in shown[:4]:
            lines.append(f"- {level}, {case.label}: `{case.shown}`")
            lines += [f"  - said: {text.strip()}" for text in said[:2]]
        lines.append("")
    return "\n".join(lines if worst else lines[:-2])
