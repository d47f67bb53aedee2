"""The right derivations: handouts in every notation, and derivations as people write them by hand."""

import re

CONTINUED = re.compile(r"\s*\\\\\s*\n\s*&\\quad\s*(?=[-+])")
ROW = re.compile(r"\s*\\\\\s*\n")


def chains(markdown):
    """Yield every chain of a handout in Markdown, as its sides."""
    for block in re.findall(r"\\begin\{aligned\}\n(.*?)\n\\end\{aligned\}", markdown, re.S):
        if "cases" in block:
            continue
        chain = []
        for row in ROW.split(CONTINUED.sub(" ", block)):
            for cell in re.split(r"\\q?quad", row):
                sides = [side.strip(" &\n") for side in split_at_equals(cell)]
                if sides[0]:
                    yield from [chain] if len(chain) > 1 else []
                    chain = []
                chain += [side for side in sides if side]
        yield from [chain] if len(chain) > 1 else []


def split_at_equals(text):
    """Split at the equals signs that stand in no braces."""
    depth, start, parts = 0, 0, []
    for at, letter in enumerate(text):
        depth += (letter == "{") - (letter == "}")
        if letter == "=" and depth == 0:
            parts.append(text[start:at])
            start = at + 1
    return [*parts, text[start:]]
