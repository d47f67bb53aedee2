"""Properties: printed and read back, any text at all, places, and the grammar itself."""

import logging

import lark
from hypothesis import example, given, settings
from hypothesis import strategies as st

from derive.read import tree
from derive.read.formula import read_formula
from derive.read.formula_grammar import _parser
from derive.read.formula_symbols import CHARACTERS, COMMANDS
from derive.read.formula_text import to_text
from derive.read.formula_walk import children, walk

PATIENT = settings(deadline=None)  # the first example builds the parser

# A tree as (LaTeX, text expected, strength): 0 a sum, 1 a signed term, 2 a product, 3 a power, 4 an atom.
ATOMS = st.sampled_from(
    [
        ("0.5", "0.5", 4),
        ("12", "12", 4),
        ("y", "y", 4),
        (r"\eta", "eta", 4),
        (r"\hat{y}_i", "hat.y_{i}", 4),
        (r"\delta^{(l)}", "delta^(l):layer", 4),
        ("w^{[2]}_{01}", "w_{01}^[2]:layer", 4),
        ("net_{h1}", "net_{h 1}", 4),
        (r"\frac{\partial L}{\partial w_{ij}}", "∂[L / w_{ij}]", 4),
        (r"\mathbf{W}^\top", "T(W)", 3),
    ]
)


def strong(part, strength):
    """Return the LaTeX of a part in parentheses where it binds less than `strength`."""
    return part[0] if part[2] >= strength else rf"\left({part[0]}\right)"


def combined(parts):
    two = st.tuples(parts, parts)
    return st.one_of(
        two.map(lambda p: (f"{p[0][0]} + {strong(p[1], 2)}", joined(p[0], p[1][1]), 0)),
        two.map(lambda p: (f"{p[0][0]} - {strong(p[1], 2)}", joined(p[0], f"-{p[1][1]}"), 0)),
        parts.map(lambda p: (f"-{strong(p, 2)}", f"-{p[1]}", 1)),
        two.map(lambda p: (rf"{strong(p[0], 3)} \odot {strong(p[1], 3)}", f"({p[0][1]} ⊙ {p[1][1]})", 2)),
        two.map(lambda p: (rf"({p[0][0]}) ({p[1][0]})", f"({p[0][1]} {p[1][1]})", 2)),
        two.map(lambda p: (rf"\frac{{{p[0][0]}}}{{{p[1][0]}}}", f"({p[0][1]} / {p[1][1]})", 4)),
        parts.map(lambda p: (rf"\left({p[0]}\right)^{{2}}", f"({p[1]} ** 2)", 3)),
        parts.map(lambda p: (rf"\sigma'\left({p[0]}\right)", f"sigma'({p[1]})", 4)),
        parts.map(lambda p: (rf"\sqrt{{{p[0]}}}", f"sqrt({p[1]})", 4)),
        parts.map(lambda p: (rf"\sum_{{i=1}}^{{n}} {strong(p, 2)}", f"sum[i from 1 to n]({p[1]})", 1)),
        two.map(
            lambda p: (
                rf"\begin{{bmatrix}} {p[0][0]} & {p[1][0]} \end{{bmatrix}}",
                f"[{p[0][1]}, {p[1][1]}]",
                4,
            )
        ),
    )


def row(first, second):
    return f"[{first[1]}, {second[1]}]"


def joined(first, second):
    """Return the text of a sum: the reader keeps one flat list of terms."""
    return f"({first[1][1:-1]} + {second})" if first[2] == 0 else f"({first[1]} + {second})"


TREES = st.recursive(ATOMS, combined, max_leaves=8)


@PATIENT
@given(TREES)
def test_printed_and_read_back(part):
    source, expected, _ = part
    formula = read_formula(source, dialect="tex")
    assert not formula.unreadable, formula.unreadable
    (statement,) = formula.statements
    assert to_text(statement.terms[0]) == expected


@PATIENT
@given(TREES, TREES)
def test_chains_read_back(left, right):
    formula = read_formula(rf"\begin{{align}} {left[0]} &= {right[0]} \\ &\approx {left[0]} \end{{align}}")
    (statement,) = formula.statements
    assert statement.relations == ("=", "≈")
    assert [to_text(term) for term in statement.terms] == [left[1], right[1], left[1]]
    assert statement.terms[0] == statement.terms[2]


def check_places(text, formula):
    for item in formula.items:
        assert 0 <= item.span.start <= item.span.end <= len(text)
    for unreadable in formula.unreadable:
        assert unreadable.reason
        assert 0 <= unreadable.at.start <= unreadable.at.end <= len(text)
    for statement in formula.statements:
        assert len(statement.terms) == len(statement.relations) + 1
        for term in statement.terms:
            assert to_text(term)
            for node in walk(term):
                assert type(node).__module__ == tree.__name__
                assert 0 <= node.span.start <= node.span.end <= len(text)


@PATIENT
@given(TREES)
def test_places_nest_and_hold_the_tokens(part):
    (statement,) = read_formula(part[0], dialect="tex").statements
    for node in walk(statement.terms[0]):
        if isinstance(node, tree.Number):
            assert node.span.slice(part[0]) == node.text
        if isinstance(node, tree.Name):
            assert node.base in node.span.slice(part[0])
        for child in children(node):
            assert node.span.start <= child.span.start
            assert child.span.end <= node.span.end


@PATIENT
@given(st.text(max_size=60))
@example("x\u0302\u0302")
@example("\\")
@example("_")
def test_any_text(text):
    for dialect in (None, "tex", "plain"):
        check_places(text, read_formula(text, dialect=dialect))


WRITTEN = (
    r"\begin{bmatrix} \end{bmatrix} \begin{cases} \end{cases} \begin{align} \end{align} \\ \text{if}"
    r" \mathrm{net} { } { } ( ) [ ] ^ _ ^ _ & = + - , a W dL 1 0.5 if net W_l1 ² ₁ ᵀ ŷ .T ... ___"
)
FRAGMENTS = [*(f"\\{name} " for name in COMMANDS), *CHARACTERS, *WRITTEN.split(" ")]


@PATIENT
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=30).map("".join))
def test_any_mixture_of_what_it_knows(text):
    for dialect in (None, "tex", "plain"):
        check_places(text, read_formula(text, dialect=dialect))


class _NoLexer(lark.lexer.Lexer):
    def __init__(self, conf):
        self.conf = conf

    def lex(self, data):
        yield from data


def test_the_grammar_has_no_conflicts(caplog):
    lark.logger.setLevel(logging.DEBUG)
    try:
        with caplog.at_level(logging.DEBUG, logger="lark"):
            lark.Lark("start: a a\na: X*\n%declare X", parser="lalr", lexer=_NoLexer, debug=True)
            assert "conflict" in caplog.text.lower()  # the check would notice one
            caplog.clear()
            _parser.__wrapped__(debug=True)
            assert "conflict" not in caplog.text.lower()
    finally:
        lark.logger.setLevel(logging.CRITICAL)


def test_the_parser_is_built_once():
    assert _parser() is _parser()
