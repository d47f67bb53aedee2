"""``make mutations``: break right derivations in every way, and count what the verifier says.

By hand, in the directory `tests`: ``python -m mutations [--most N] [--seed TEXT] [--output FILE]``.
"""

import argparse
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from mutations.benchmark import documents, merged, scored
from mutations.table import page, summary


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--most", type=int, default=3, help="mistakes of one kind in one document")
    options.add_argument("--jobs", type=int, default=2)
    options.add_argument("--seed", default="", help="chooses other mistakes")
    options.add_argument("--only", default="", help="documents whose label has this in it")
    options.add_argument("--output", type=Path, default=None, help="where to write the page")
    options.add_argument("--misses", type=int, default=0, help="how many misses of each sort to print")
    given = options.parse_args()
    wanted = [document for document in documents() if given.only in document.label]
    with ProcessPoolExecutor(given.jobs) as pool:
        parts = []
        tried = partial(scored, most=given.most, seed=given.seed)
        for done, part in enumerate(pool.map(tried, wanted), 1):
            parts.append(part)
            print(f"\r{done} of {len(wanted)} documents", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    total = merged(parts)
    print(summary(total))
    seen = Counter()
    for level, case, said in total.misses:
        seen[level] += 1
        if seen[level] <= given.misses:
            print(f"{level}: {case.label}: {case.medium} {case.kind}: {case.shown}\n    {said}")
    if given.output is not None:
        given.output.write_text(page(total, given.most, given.seed), encoding="utf-8")


if __name__ == "__main__":
    main()
