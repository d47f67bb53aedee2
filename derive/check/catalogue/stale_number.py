"""A displayed number belongs to another quantity or to an earlier version of the calculation.

When an example is computed once more with other numbers, some of the old ones easily stay behind. Often
the result after them is right, because it was copied from the program and not computed from what stands
before it.

Put in the value that the document gives for the quantity.
"""

from __future__ import annotations

from derive.check.catalogue.entry import entry

MISTAKE = entry(
    "stale-number",
    "a number left from somewhere else",
    r"\frac{1}{8} = 0.36 \cdot 0.5 = 0.125",
    r"\frac{1}{8} = 0.25 \cdot 0.5 = 0.125",
)
