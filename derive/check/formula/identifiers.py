"""Names of code that a document defines by a formula of its own: ``shift_a2[i] = da2[i] - ref_a2``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from derive.check.formula.words import WORDS
from derive.read.lexicon import Lexicon, stem_of

_DEFINED = re.compile(
    r"^\s*([A-Za-z]+[0-9]*(?:_[A-Za-z0-9]+)+)(?:\[[^\]\n]*\])?\s*(?::=|=(?!=))", re.MULTILINE
)


def with_own_identifiers(lexicon: Lexicon, texts: Iterable[str]) -> Lexicon:
    """Return a lexicon that knows the names with underscores that some formulas define, each as one name.

    Parameters
    ----------
    lexicon : Lexicon
        What is known without the document; names that it can take apart (``W1_new``, ``dL_dW2``) stay so.
    texts : iterable of str
        The formulas.
    """
    found = {match.group(1) for text in texts for match in _DEFINED.finditer(text)}
    return lexicon.with_names(*(name for name in _own(found, lexicon)))


def _own(names: Iterable[str], lexicon: Lexicon) -> Iterator[str]:
    for name in sorted(names):
        head = stem_of(name.partition("_")[0])
        if lexicon.knows(name) or lexicon.knows(stem_of(name)):
            continue
        derivative = head.startswith("d") and (head == "d" or lexicon.knows(stem_of(head[1:])))
        function = head in WORDS or lexicon.entry(head).kind == "operator"
        if function or not (lexicon.knows(head) or derivative):
            yield name
