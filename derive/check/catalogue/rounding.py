"""A displayed number is off by a little more than rounding explains.

It was cut off instead of rounded (`0.199996` to four places is `0.2000`, not `0.1999`), or the last
digit slipped.

Round to the nearest: up from a following digit of 5.
"""

from __future__ import annotations

from derive.check.catalogue.entry import entry

MISTAKE = entry("rounding", "a number rounded wrongly", r"\frac{2}{3} = 0.6666", r"\frac{2}{3} = 0.6667")
