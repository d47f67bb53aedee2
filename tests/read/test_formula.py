"""What formulas mean: a table of the constructs that real notes are made of."""

from fractions import Fraction

import pytest

from derive.read.formula import Statement, read_formula
from derive.read.formula_text import to_text
from derive.read.formula_walk import depth, transform, walk
from derive.read.lexicon import DEFAULT
from derive.read.tree import Add, Name, Number, Placeholder


def text_of(statement):
    parts = [to_text(statement.terms[0])]
    for relation, term in zip(statement.relations, statement.terms[1:], strict=True):
        parts.append(f" {relation} {to_text(term)}")
    return ("" if statement.role == "main" else "where ") + "".join(parts)


def lines(text, **options):
    formula = read_formula(text, **options)
    assert not formula.unreadable, formula.unreadable
    return [text_of(statement) for statement in formula.statements]


TEX = [
    # numbers and arithmetic
    (r"0.3 \times 0.2 = 0.06", ["(0.3 × 0.2) = 0.06"]),
    (r"0.5(0.625)", ["(0.5 0.625)"]),
    (r"1.2 \times 10^{-3} + 1.23e-4", ["(1.2e-3 + 1.23e-4)"]),
    (r"a - b - c + d", ["(a + -b + -c + d)"]),
    (r"-a b", ["-(a b)"]),
    (r"a \cdot -b", ["(a · -b)"]),
    (r"a \cdot -\log x", ["(a · -log(x))"]),
    (r"\sum_i -\frac{d}{dx} x", ["sum[i](-d[x / x])"]),
    (r"2 * \frac{1}{2} * -1 + 0", ["((2 * (1 / 2) * -1) + 0)"]),
    (r"\frac12 \tfrac1{3} \dfrac{1}4", ["((1 / 2) (1 / 3) (1 / 4))"]),
    (r"1/2 (t - y)", ["((1 / 2) (t + -y))"]),
    (r"\eta/m \cdot x", ["((eta / m) · x)"]),
    (r"\sqrt{x} + \sqrt[3]{x}", ["(sqrt(x) + root(3, x))"]),
    (r"e^{-z}", ["(e ** -z)"]),
    (r"e^{-2 \cdot 10^{-5}}", ["(e ** -2e-5)"]),
    (r"9^{9^{9^9}}", ["(9 ** (9 ** (9 ** 9)))"]),
    (r"{a \over b}", ["(a / b)"]),
    # products
    (r"o_1 (1 - o_1)", ["(o_{1}:layer|index (1 + -o_{1}:layer|index))"]),
    (r"wx + b", ["((w x) + b)"]),
    (r"W^T \delta \odot x", ["((T(W) delta) ⊙ x)"]),
    (r"a \circ b \otimes c * d", ["(a ∘ b ⊗ c * d)"]),
    # chains, rows, several statements
    (r"a = b \approx c", ["a = b ≈ c"]),
    (r"\begin{align*} a &= b + \\ &\quad c \\ &= d \end{align*}", ["a = (b + c) = d"]),
    (r"\begin{align*} a &= -(b + c \\ &\quad{} + d) \\ &= e \end{align*}", ["a = -(b + c + d) = e"]),
    (r"\begin{align*} a &= (b \\ &\quad - c \\ &\quad \cdot d) e \end{align*}", ["a = ((b + -(c · d)) e)"]),
    (r"\begin{align} a &= 1 & b &= 2 \\ c &= 3 & d &= 4 \end{align}", ["a = 1", "b = 2", "c = 3", "d = 4"]),
    (r"\begin{split} \therefore a = b \end{split}", ["a = b"]),
    (r"\begin{array}{rcl} a &=& b \\ c &=& d \end{array}", ["a = b", "c = d"]),
    (r"a = b, \quad c = d \qquad e = f qquad g = h", ["a = b", "c = d", "e = f", "g = h"]),
    (r"a = b = \\ c", ["a = b = c"]),
    (r"a = \\ = b", ["a = b"]),
    (r"a = b \\ \vdots \\ y = z", ["a = b", "...", "y = z"]),
    (r"\boxed{\begin{aligned} a &= b \\ &= c \end{aligned}}", ["a = b = c"]),
    (r"a = 1 \Rightarrow b = 2", ["a = 1", "b = 2"]),
    (r"= 0.5", ["<> = 0.5"]),
    (r"W =", ["W = <>"]),
    (r"a = b \quad (3)", ["a = b"]),
    (r"a = b \text{ and } c = d", ["a = b", "c = d"]),
    # side conditions
    (
        r"\delta_i = t_i \hspace{3pt} where \hspace{1pt} 0 \le i < len(L) & 0 \le j",
        ["delta_{i} = t_{i}", "where 0 ≤ i < len(L)", "where 0 ≤ j"],
    ),
    (r"a = b \quad \text{for } i = 1, \dots, n", ["a = b", "where i = 1, ..., n"]),
    (r"\begin{align} a &= b \text{ where } c = d \\ &= e \end{align}", ["a = b = e", "where c = d"]),
    (r"a = b \quad \text{(output layer)}", ["a = b"]),
    (r"y = z where \{0, 1, ..., L\} \,\, layers", ["y = z", "where {0, 1, ..., L}"]),
    # updates and other relations
    (r"W := W - \eta G", ["W := (W + -(eta G))"]),
    (r"w \leftarrow w - 1", ["w ← (w + -1)"]),
    (r"w_5^{+} = w_5", ["w_{5}:layer|index^{+}:update = w_{5}:layer|index"]),
    (r"W_{new} = W_{old}", ["W_{new}:update = W_{old}:update"]),
    (r"w^{(t+1)} = w^{(t)}", ["w^(t + 1):update|layer = w^(t):update|layer"]),
    (r"\Delta w_{ij} = -\eta \delta_j", ["Δ[w_{ij}] = -(eta delta_{j})"]),
    (r"\Delta \check\phi", ["(Delta check.phi)"]),
    (r"l \in \{1, 2\}", ["l ∈ {1, 2}"]),
    # derivatives
    (r"\frac{\partial L}{\partial W^{[2]}}", ["∂[L / W^[2]:layer]"]),
    (r"\partial L/\partial w_{ij} x", ["(∂[L / w_{ij}] x)"]),
    (r"\frac{dL}{dw} = \frac{dL}{da} \frac{da}{dw}", ["d[L / w] = (d[L / a] d[a / w])"]),
    (r"\frac{\mathrm{d} L}{\mathrm{d} w}", ["d[L / w]"]),
    (r"\frac{\delta E}{\delta w} = \delta_j", ["δ[E / w] = delta_{j}"]),
    (r"\frac{\delta_1}{\delta_2}", ["(delta_{1}:layer|index / delta_{2}:layer|index)"]),
    (r"\frac{d_1}{d_2}", ["(d_{1}:index|layer / d_{2}:index|layer)"]),
    (r"\frac{\partial J(W, b)}{\partial b_1}", ["∂[J(W, b) / b_{1}:layer|index]"]),
    (r"\frac{\partial (a + b)}{\partial a}", ["∂[(a + b) / a]"]),
    (r"\frac{\partial}{\partial w} \frac12 (y - a)^2", ["∂[((1 / 2) ((y + -a) ** 2)) / w]"]),
    (r"\frac{d}{dz} \sigma(z) = 1", ["d[sigma(z) / z] = 1"]),
    (r"\frac{\partial}{\partial z}(z + 1) \cdot c", ["(∂[(z + 1) / z] · c)"]),
    (
        r"\frac{\partial^2 L}{\partial w^2} + \frac{\partial^2 L}{\partial u \partial v}",
        ["(∂2[L / w] + ∂2[L / u, v])"],
    ),
    (r"\nabla_{W} L + \nabla C", ["(∇[L / W] + ∇[C])"]),
    (r"dZ^{[2]} = A^{[2]} - Y", ["d[Z^[2]:layer] = (A^[2]:layer + -Y)"]),
    (r"f' + f^\prime + f^{\prime\prime}", ["(f' + f' + f'')"]),
    (r"\sigma'(z_1)", ["sigma'(z_{1}:layer|index)"]),
    (r"C'(W)", ["C'(W)"]),
    # functions
    (r"L(y, a^{[2]})", ["L(y, a^[2]:layer)"]),
    (r"\max(0, z) + \max\{0, z\}", ["(max(0, z) + max(0, z))"]),
    (r"-y \ln a - \log(1 - a)", ["(-(y ln(a)) + -log((1 + -a)))"]),
    (r"1 - \tanh^2 z + \tanh^2(z)", ["(1 + -tanh^{2}:power(z) + tanh^{2}:power(z))"]),
    (r"\sigma(z)(1 - \sigma(z))", ["(sigma(z) (1 + -sigma(z)))"]),
    (r"\sigma{(z)}^2", ["(sigma(z) ** 2)"]),
    (r"\text{softmax}(z)_i", ["<softmax(z)>_{i}"]),
    (r"f_1(\begin{bmatrix} 1 & 2 \end{bmatrix})", ["f_{1}:index|layer([1, 2])"]),
    (r"y(x) + h(x)", ["(y?(x) + h?(x))"]),
    (r"\|y - a\|_2^2 + |x| + \lVert x \rVert", ["((‖(y + -a)‖_{2}:index|layer ** 2) + abs(x) + ‖x‖)"]),
    (r"|a||b|", ["(abs(a) abs(b))"]),
    (r"\mathbb{1}[z > 0] + \mathbb{1}_{z>0} + 1(z > 0)", ["(1[z > 0] + 1[z > 0] + 1[z > 0])"]),
    (r"\mathbf{1}^T x", ["(T(ones) x)"]),
    (
        r"\begin{cases} z & \text{if } z > 0 \\ 0 & \text{otherwise} \end{cases}",
        ["cases(z if z > 0, 0 if otherwise)"],
    ),
    (
        r"f(z) = \left\{ \begin{array}{ll} 1, & z > 0 \\ 0, & z \le 0 \end{array} \right.",
        ["f(z) = cases(1 if z > 0, 0 if z ≤ 0)"],
    ),
    # sums
    (r"\sum_{i=0}^{n} w_i x_i + b", ["(sum[i from 0 to n]((w_{i} x_{i})) + b)"]),
    (r"\sum^{1}_{n=0} t", ["sum[n from 0 to 1](t)"]),
    (r"\sum \delta_1", ["sum[](delta_{1}:layer|index)"]),
    (r"\sum_i \sum_{j} w_{ij}", ["sum[i](sum[j](w_{ij}))"]),
    (r"\sum_i y_i \cdot \log a_i", ["sum[i]((y_{i} · log(a_{i})))"]),
    (r"\sum_{k \neq i} w + \prod_{k \in S} w", ["(sum[k if k ≠ i](w) + prod[k if k ∈ S](w))"]),
    (r"\sum_{i,j} w_{ij}", ["sum[i, j](w_{ij})"]),
    # matrices and lists
    (r"\begin{bmatrix} 1 & -2 \\ a+b & \vdots \\ \end{bmatrix}", ["[1, -2; (a + b), ...]"]),
    (
        r"a - y \begin{pmatrix} 1 \\ 2 \end{pmatrix} - \begin{pmatrix} 3 \\ 4 \end{pmatrix}",
        ["(a + -(y [1; 2]) + -[3; 4])"],
    ),
    (r"\left[ \begin{array}{cc} 1 & 2 \end{array} \right]^T", ["T([1, 2])"]),
    (r"x = [1, 4, 5]", ["x = [1, 4, 5]"]),
    (r"x = [[1, 2], [3, 4]]", ["x = [1, 2; 3, 4]"]),
    (r"[a + b] c", ["([(a + b)] c)"]),
    # names and their marks
    (r"a^{(l)} a^{[l]}", ["(a^(l):layer a^[l]:layer)"]),
    (r"a^{l-1} W^L", ["(a^{l - 1}:layer W^{L}:layer)"]),
    (r"a^2", ["a^{2}:power|layer"]),
    (r"y^2", ["(y ** 2)"]),
    (r"(1 - a)^2", ["((1 + -a) ** 2)"]),
    (r"x^{(i)}_j", ["x_{j}^(i):sample|layer"]),
    (r"a^{[2](i)}", ["a^[2]:layer^(i):sample|layer"]),
    (r"W^{(2)T} W^{\top} W^{\mathsf T} W^\intercal", ["(T(W^(2):layer) T(W) T(W) T(W))"]),
    (r"(W^{[2]})^T {W_2}^T", ["(T(W^[2]:layer) T(W_{2}:layer|index))"]),
    (r"w^{(2)}_{00} w_{00}^{(2)}", ["(w_{00}^(2):layer w_{00}^(2):layer)"]),
    (r"w^{(1)}_{01 }", ["w_{01}^(1):layer"]),
    (r"z_1 + z_1^{(2)}", ["(z_{1}:layer|index + z_{1}^(2):layer)"]),
    (r"net_{h1} out_{o1} target_{o_1}", ["(net_{h 1} out_{o 1} target_{o _ 1})"]),
    (r"net1", ["net_{1}:layer|index"]),
    (r"\hat y_i + \bar{x} + \tilde W + \hat{y_i}", ["(hat.y_{i} + bar.x + tilde.W + hat.y_{i})"]),
    (r"w_{1,2} + W_{l2}", ["(w_{1 , 2} + W_{l 2}:layer|index)"]),
    (r"\mathcal{L} + L", ["(calL + L)"]),
    (r"E_{total} + E_{\text{total}}", ["(E_{total}:label + E_{total}:label)"]),
    (r"g'^{[l]}(z)", ["g'^[l]:layer(z)"]),
    (r"x = ? + \_\_", ["x = (<?> + <___>)"]),
]


@pytest.mark.parametrize(("text", "expected"), TEX, ids=[text for text, _ in TEX])
def test_tex(text, expected):
    assert lines(text, dialect="tex") == expected


def test_numbers_are_exact_and_know_their_last_place():
    for text, value, unit in [
        ("0.25", Fraction(1, 4), Fraction(1, 100)),
        ("3", Fraction(3), Fraction(1)),
        ("1.20e-3", Fraction(12, 10_000), Fraction(1, 100_000)),
        (r"1.2 \times 10^{-3}", Fraction(12, 10_000), Fraction(1, 10_000)),
        (r"1.2 \cdot 10^3", Fraction(1200), Fraction(100)),
    ]:
        number = read_formula(text, dialect="tex").statements[0].terms[0]
        assert isinstance(number, Number)
        assert (number.value, number.unit) == (value, unit)
    assert read_formula("0.10").statements[0].terms[0].text == "0.10"


def test_a_name_keeps_all_its_marks():
    name = read_formula(r"\hat{w}'^{(2)}_{01}", dialect="tex").statements[0].terms[0]
    assert isinstance(name, Name)
    assert (name.base, name.accents, name.primes) == ("w", ("hat",), 1)
    assert [(s.kind, s.tokens, s.role) for s in name.superscripts] == [("()", ("2",), "layer")]
    assert [(s.kind, s.tokens, s.text) for s in name.subscripts] == [("braces", ("01",), "01")]


def test_doubtful_superscripts_stay_doubtful():
    script = read_formula("a^{2}").statements[0].terms[0].superscripts[0]
    assert script.role == "ambiguous"
    assert script.roles == ("power", "layer")
    assert to_text(script.items[0]) == "2"


def test_the_lexicon_decides_call_or_product():
    assert lines("q(1 - q)") == ["(q (1 + -q))"]
    assert lines("q(1 - q)", lexicon=DEFAULT.with_names("q", kind="function")) == ["q((1 + -q))"]
    assert lines("f(x)", lexicon=DEFAULT.with_names("f", kind="variable")) == ["f?(x)"]


def test_names_of_the_document():
    assert read_formula("hid1 = 3").unreadable
    known = DEFAULT.with_names("hid1", "step_len", layered=True)
    assert lines("hid1 = step_len", lexicon=known) == ["hid_{1}:layer|index = step_len"]
    assert not DEFAULT.knows("hid")


def test_a_name_of_code_with_two_readings_is_refused():
    known = DEFAULT.with_names("xdy", "ydz")
    assert read_formula("dxdydz = 1", known).unreadable
    assert lines("dxdyd = 1", lexicon=known.with_names("yd")) == ["d[x / yd] = 1"]


def test_one_unreadable_row_does_not_take_the_others():
    formula = read_formula(
        r"\begin{align} a &= b \\ c &= foo \\ &= 4 = 5 \\ y &= z \\ &= foo \\ &= 7 \end{align}"
    )
    shown = [
        text_of(i) if isinstance(i, Statement) else f"!{i.at.slice(formula.text)}" for i in formula.items
    ]
    # The head of the third row is lost with the second; the last row still says what y is.
    assert shown == ["a = b", "!foo", "4 = 5", "y = z = 7", "!foo"]


def test_a_row_below_two_columns_is_refused():
    formula = read_formula(r"\begin{align} x &= 1 & y &= 2 \\ &= 3 & &= 4 \\ z &= 5 \end{align}")
    assert [text_of(s) for s in formula.statements] == ["x = 1", "y = 2", "z = 5"]
    assert ["either" in u.reason for u in formula.unreadable] == [True]


def test_a_condition_that_cannot_be_read_leaves_its_statement():
    formula = read_formula(r"a = b \text{ where } i \ldots foo")
    assert [text_of(s) for s in formula.statements] == ["a = b"]
    assert [u.role for u in formula.unreadable] == ["where"]


def test_missing_sides():
    assert read_formula("= 3").statements[0].headless
    assert not read_formula("x = 3").statements[0].headless
    assert isinstance(read_formula("W =").statements[0].terms[-1], Placeholder)


def test_walk_and_transform():
    tree = read_formula("a + b*(a + 1)").statements[0].terms[0]
    bases = [node.base for node in walk(tree) if isinstance(node, Name)]
    assert bases == ["a", "b", "a"]

    def rename(node):
        return Name("c", span=node.span) if isinstance(node, Name) and node.base == "a" else node

    changed = transform(tree, rename)
    assert to_text(changed) == "(c + (b * (c + 1)))"
    assert to_text(tree) == "(a + (b * (a + 1)))"
    assert transform(tree, lambda node: node) is tree
    assert isinstance(tree, Add)
    assert depth(tree) == 4


def test_equality_ignores_the_place():
    assert read_formula("a+b").statements[0].terms == read_formula("  a  + b").statements[0].terms
    assert read_formula("a+b").statements[0].terms != read_formula("a-b").statements[0].terms
