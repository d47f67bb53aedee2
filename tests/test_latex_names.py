"""Names and indices: how the canonical names of a network are spelled."""

from dataclasses import replace

import pytest
import sympy as sp

from codegen.latex import Speller, escape_tex, print_latex
from codegen.latex.names import letter
from derive.derivation import derive
from derive.network import Dense, Network
from derive.notation import PROFILES, Notation
from derive.program import indices

NET = Network([Dense(12, "sigmoid"), Dense(2, "relu")], inputs=2, loss="half-squared-error")
FOLDED = replace(NET, bias="folded")
NAMES = ("W1", "b2", "z1", "a1", "a2", "x", "y", "L", "eta", "dz1", "dW1", "da2", "W1_new")


@pytest.mark.parametrize(
    ("profile", "spelled"),
    [
        (
            "superscript",
            r"W^{(1)} b^{(2)} z^{(1)} a^{(1)} a^{(2)} x y L \eta \delta^{(1)} \partialL/W^{(1)}"
            r" \partialL/a^{(2)} W^{(1)}_{\mathrm{new}}",
        ),
        (
            "bracket",
            r"W^{[1]} b^{[2]} \mathrm{net}^{[1]} a^{[1]} a^{[2]} x y L c \delta^{[1]} \partialL/W^{[1]}"
            r" \partialL/a^{[2]} W^{[1]}_{\mathrm{new}}",
        ),
        (
            "in-out",
            r"w_{1} b_{2} \mathrm{in}_{1} \mathrm{out}_{1} \mathrm{out}_{2} x y E l \delta_{1}"
            r" \partialE/w_{1} \partialE/\mathrm{out}_{2} w_{1,\mathrm{new}}",
        ),
        (
            "zero-based",
            r"W^{(1)} b^{(2)} z^{(1)} a^{(1)} y x t \mathrm{MSE} \mu \delta^{(1)}"
            r" \partial\mathrm{MSE}/W^{(1)} \partial\mathrm{MSE}/y W^{(1)}_{\mathrm{new}}",
        ),
        (
            "subscript",
            r"W_{1} b_{2} z_{1} a_{1} a_{2} x y J \eta \delta_{1} \partialJ/W_{1} \partialJ/a_{2}"
            r" W_{1,\mathrm{new}}",
        ),
        (
            "negative-delta",
            r"W^{1} b^{2} z^{1} a^{1} \hat{y} x y C \eta \delta^{1} \partialC/W^{1} \partialC/\hat{y}"
            r" W^{1}_{\mathrm{new}}",
        ),
    ],
)
def test_whole_tensors_in_each_profile(profile, spelled):
    speller = Speller(NET, PROFILES[profile])

    def fraction(short):
        loss, _, by = short.removeprefix(r"\partial").partition("/")
        return rf"\frac{{\partial {loss}}}{{\partial {by}}}" if by else short

    assert [speller.tensor(name) for name in NAMES] == [fraction(short) for short in spelled.split()]


@pytest.mark.parametrize(
    ("profile", "name", "at", "latex"),
    [
        ("superscript", "W1", (0, 1), "w^{(1)}_{12}"),
        ("superscript", "W1", (11, 1), "w^{(1)}_{12,2}"),
        ("zero-based", "W1", (10, 1), "w^{(1)}_{10,1}"),
        ("zero-based", "a2", (1,), "y_{1}"),
        ("zero-based", "y", (1,), "t_{1}"),
        ("subscript", "W1", (0, 1), "w_{1,12}"),
        ("subscript", "W1", (9, 0), "w_{1,10,1}"),
        ("subscript", "W1_new", (0, 1), r"w_{1,12,\mathrm{new}}"),
        ("superscript", "W1_new", (0, 1), r"w^{(1)}_{12,\mathrm{new}}"),
        ("negative-delta", "a2", (0,), r"\hat{y}_{1}"),
        ("superscript", "dW1", (0, 1), r"\frac{\partial L}{\partial w^{(1)}_{12}}"),
        ("superscript", "L", (), "L"),
        ("superscript", "z1", (indices("i")[0],), "z^{(1)}_{i}"),
        ("superscript", "z1", (indices("i")[0] + 1,), "z^{(1)}_{i+1}"),
    ],
)
def test_elements(profile, name, at, latex):
    assert Speller(NET, PROFILES[profile]).element(name, at) == latex


@pytest.mark.parametrize("base", [0, 1])
def test_the_coordinate_of_a_folded_bias_is_number_0_in_both_bases(base):
    for layout, bias, weight in (("column", (0, 0), (0, 1)), ("row", (0, 0), (1, 0))):
        speller = Speller(replace(FOLDED, layout=layout), Notation(base=base))
        shown = f"{base}0" if layout == "column" else f"0{base}"
        assert speller.element("W1", bias) == f"w^{{(1)}}_{{{shown}}}"
        shown = f"{base}1" if layout == "column" else f"1{base}"
        assert speller.element("W1", weight) == f"w^{{(1)}}_{{{shown}}}"
        assert speller.element("X1", (0,)) == "X^{(1)}_{0}"
        assert speller.element("x", (0,)) == f"x_{{{base}}}"


def test_an_index_stands_for_the_number_that_is_shown():
    program = derive(FOLDED).program
    one, zero = (Speller(program, Notation(base=base)) for base in (1, 0))
    assert one.equation(program.step("da1")) == (
        r"\frac{\partial L}{\partial a^{(1)}_{k}}",
        r"\frac{\partial L}{\partial X^{(2)}_{k}}",
    )
    assert zero.equation(program.step("da1"))[1] == r"\frac{\partial L}{\partial X^{(2)}_{k+1}}"
    assert one.equation(program.step("X1"))[1] == (
        r"\begin{cases} 1 & k = 0 \\ x_{k} & \text{otherwise} \end{cases}"
    )
    assert zero.equation(program.step("X1"))[1] == (
        r"\begin{cases} 1 & k = 0 \\ x_{k-1} & \text{otherwise} \end{cases}"
    )
    assert one.equation(program.step("z1"))[1] == r"\sum_{j=0}^{2} w^{(1)}_{ij} X^{(1)}_{j}"
    for speller, line in ((one, r"x_{2}"), (zero, r"x_{1}")):
        assert speller.equation(program.step("X1"), (2,))[1] == line
        assert speller.equation(program.step("X1"), (0,))[1] == "1"


def test_delta_is_a_name_only_for_what_the_notation_means():
    negative = PROFILES["negative-delta"]
    plain = derive(NET)
    turned = plain.with_notation(negative)
    assert (
        turned.gradient("W1").latex(negative)
        == r"\frac{\partial C}{\partial w^{1}_{ij}} = -\delta^{1}_{i} x_{j}"
    )
    assert plain.gradient("W1").latex(negative) == (
        r"\frac{\partial C}{\partial w^{1}_{ij}} = \frac{\partial C}{\partial z^{1}_{i}} x_{j}"
    )
    assert turned.gradient("W1").latex() == (
        r"\frac{\partial L}{\partial w^{(1)}_{ij}}"
        r" = -\left(-\frac{\partial L}{\partial z^{(1)}_{i}}\right) x_{j}"
    )


def test_delta_can_be_written_as_a_derivative():
    speller = Speller(NET, Notation(), delta=False)
    assert speller.adjoint("z1") == r"\frac{\partial L}{\partial z^{(1)}}"
    assert speller.adjoint("z1", (0,)) == r"\frac{\partial L}{\partial z^{(1)}_{1}}"
    assert Speller(NET, Notation()).adjoint("z1", (0,)) == r"\delta^{(1)}_{1}"


@pytest.mark.parametrize(
    ("activations", "profile", "names"),
    [
        (("sigmoid", "sigmoid"), "superscript", (r"\sigma", r"\sigma")),
        (("sigmoid", "tanh"), "bracket", (r"\varphi", r"\tanh")),
        (("sigmoid", "sigmoid"), "subscript", ("f_{1}", "f_{2}")),
        (("relu", "softmax"), "subscript", (r"\operatorname{relu}", r"\operatorname{softmax}")),
        (("z**3", "sigmoid"), "superscript", ("g", r"\sigma")),
        (("z**3", "z**2"), "superscript", ("g_{1}", "g_{2}")),
    ],
)
def test_functions(activations, profile, names):
    net = replace(NET, layers=[Dense(2, name) for name in activations])
    speller = Speller(net, PROFILES[profile])
    assert tuple(speller.functions.name(net.activation_of(n), n) for n in (1, 2)) == names


def test_a_function_of_an_expression_avoids_the_letters_of_the_notation():
    net = replace(NET, layers=[Dense(2, "z**3")])
    speller = Speller(net, Notation(function="g", weight="h"))
    assert speller.definition(net.activation_of(1), 1) == "q(z) = z^{3}"


@pytest.mark.parametrize(
    ("word", "latex"),
    [
        ("z", "z"),
        ("sigma", r"\sigma"),
        ("hat-y", r"\hat{y}"),
        ("hat-out", r"\widehat{\mathrm{out}}"),
        ("net", r"\mathrm{net}"),
        (r"\input{x}", r"\mathrm{inputx}"),
    ],
)
def test_letters(word, latex):
    assert letter(word) == latex


def test_elements_of_a_capital_matrix_are_small_unless_that_letter_is_taken():
    assert Speller(NET, Notation(weight="Theta")).element("W1", (0, 0)) == r"\theta^{(1)}_{11}"
    assert Speller(NET, Notation(weight="Theta")).tensor("W1") == r"\Theta^{(1)}"
    assert Speller(NET, Notation(weight="X", input="x")).element("W1", (0, 0)) == "X^{(1)}_{11}"


def test_text_is_escaped():
    nasty = '\\input{/etc/passwd} $x$ 100% & #1 a_b ^ ~ {} <>|"`--\n\x00'
    assert escape_tex(nasty) == (
        r"\textbackslash{}input\{/etc/passwd\} \$x\$ 100\% \& \#1 a\_b \textasciicircum{} \textasciitilde{}"
        r" \{\} \textless{}\textgreater{}\textbar{}\textquotedbl{}\textasciigrave{}{-}{-} "
    )


def test_a_step_alone_can_be_printed():
    step = derive(NET).step("z2")
    assert print_latex(step) == r"z^{(2)}_{i} = \sum_{j=1}^{12} w^{(2)}_{ij} a^{(1)}_{j} + b^{(2)}_{i}"
    with pytest.raises(TypeError, match="no LaTeX for Symbol"):
        print_latex(sp.Symbol("x"))
