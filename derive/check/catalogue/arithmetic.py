"""A displayed number is not what the numbers beside it give, nor the true one.

A digit slipped, two digits changed places, or the sum was not added up. Whatever is computed from it
later is not a mistake of its own; it follows from this one.

Work the line out once more.
"""

from __future__ import annotations

from derive.check.catalogue.entry import entry

MISTAKE = entry("arithmetic", "a slip in a calculation", r"0.25 \cdot 0.5 = 0.135", r"0.25 \cdot 0.5 = 0.125")
