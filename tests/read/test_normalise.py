"""What the normaliser looks through, and that every token keeps its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive.read.formula_scan import guess_dialect
from derive.read.normalise import normalise


def words(text, dialect=None):
    return [token.text or token.kind for token in normalise(text, dialect or guess_dialect(text))]


SAME = [
    (r"\mathbf{W} x", "W x"),
    (r"\boldsymbol{\delta}", r"\delta"),
    (r"\boldsymbol W x", "W x"),
    (r"\textcolor{red}{a + b}", "a + b"),
    (r"\color{blue} a", "a"),
    (r"{\color{blue} a} + b", "a + b"),
    (r"\underbrace{a + b}_{\text{error}} c", "a + b c"),
    (r"\overbrace{a}^{n} c", "a c"),
    (r"\boxed{a = b}", "a = b"),
    (r"a = b \tag{3} \label{eq:x}", "a = b"),
    (r"a \nonumber", "a"),
    (r"\displaystyle \sum\limits_{i} x", r"\sum_{i} x"),
    (r"\left( a \right)", "(a)"),
    (r"\big( a \Bigr)", "(a)"),
    (r"a \, \; \! \: b", "a b"),
    (r"\overset{!}{=} b", "= b"),
    (r"\phantom{=} a", "a"),
    (r"{a} + {{b}}", "a + b"),
    (r"$a = b$", "a = b"),
    (r"\[ a = b \]", "a = b"),
    (r"\dfrac{a}{b}", r"\frac{a}{b}"),
    ("a % a comment = 3\n+ b \\,", "a + b"),
    (r"\mathrm{net}", r"\mathit{net}"),
    ("x²", "x^{2}"),
    ("W₂ᵀ", "W_{2}^{T}"),
    ("δ⁽ˡ⁺¹⁾", "δ^{(l+1)}"),
    ("𝛿 ∘ 𝑥", "δ ∘ x"),
    ("a − b · c", "a - b · c"),
    (r"\varphi", "φ"),
    (r"w\_1", "w_1"),
]


@pytest.mark.parametrize(("first", "second"), SAME)
def test_looked_through(first, second):
    def plain(text):
        return ["lbrace" if t == "raised" else t for t in words(text, "tex")]

    assert plain(first) == plain(second)
    assert plain(first)


def test_looking_through_is_not_dropping():
    assert words(r"\boxed{a}") == ["a"]
    assert words(r"\textcolor{red}{a}") != words(r"\textcolor{a}{red}")
    assert words("a + b") != words("a - b")


@pytest.mark.parametrize(
    ("text", "dialect"),
    [(r"\frac{a}{b}", "tex"), ("W_{1}", "tex"), ("W_1 x", "plain"), ("δ₁ = W₂ᵀ", "plain"), ("a_1", "plain")],
)
def test_dialect(text, dialect):
    assert guess_dialect(text) == dialect


def test_placeholders_and_lost_backslashes():
    assert words(r"x = \_\_\_") == ["x", "=", "___"]
    assert words("x = ____") == ["x", "=", "___"]
    assert words(r"\underline{\hspace{1cm}}") == ["___"]
    assert words(r"\boxed{\quad}") == ["___"]


def test_environments_of_rows_become_line_breaks():
    kinds = [t.kind for t in normalise(r"\begin{align*} a &= b \\ &= c \end{align*}", "tex")]
    assert kinds == ["row", "word", "amp", "rel", "word", "row", "amp", "rel", "word", "row"]


def test_matrix_environments_stay():
    kinds = [t.kind for t in normalise(r"\begin{array}{cc} a & b \end{array}", "tex")]
    assert kinds == ["begin", "word", "amp", "word", "end"]


def test_an_array_of_equations_is_rows():
    kinds = [t.kind for t in normalise(r"\begin{array}{rcl} a &=& b \end{array}", "tex")]
    assert kinds[0] == kinds[-1] == "row"


def test_a_wrapper_around_one_name_belongs_to_its_place():
    text = r"\mathbf{W} x"
    first = normalise(text, "tex")[0]
    assert first.span.slice(text) == r"\mathbf{W}"


PARTS = (
    r"\mathbf{x} \boxed{ } { \left( \right) \right. a _ ^ ₁ ² 1.5 \begin{align} \end{align} \frac \\ &"
    r" \text{if} \underbrace \over x̂ ŷ \begin{array} \end{array} \hspace \textcolor $ %"
)
PIECES = st.lists(st.sampled_from([*PARTS.split(" "), " "]))


@given(PIECES.map("".join))
def test_places_are_in_order_and_inside(text):
    for dialect in ("tex", "plain"):
        at = 0
        for token in normalise(text, dialect):
            assert at <= token.start <= token.end <= len(text)
            at = token.start
