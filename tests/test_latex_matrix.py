"""Matrix algebra in LaTeX."""

import re

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from latex_matrix_evaluator import MatrixEvaluator

from codegen.latex import Speller, print_latex
from derive.derivation import derive
from derive.evaluate import evaluate
from derive.fusion import delta_form
from derive.losses import SUM_OF_TARGETS
from derive.matrix import (
    Broadcast,
    Elementwise,
    Hadamard,
    Name,
    Plus,
    Product,
    Scalar,
    SumOver,
    Tail,
    Transpose,
    matrix_form,
)
from derive.network import BIASES, LAYOUTS, REDUCTIONS, Dense, Network
from derive.notation import PROFILES, Notation

N = sp.Symbol("N", integer=True, positive=True)
U, V = sp.symbols("u0 u1", real=True)


def net(first="sigmoid", last="sigmoid", loss="half-squared-error", **options):
    return Network([Dense(3, first), Dense(2, last)], inputs=2, loss=loss, **options)


def lines(network, samples=None, profile="superscript"):
    derivation = derive(network, samples, (SUM_OF_TARGETS,))
    notation = PROFILES[profile]
    names = [step.tensor.name for step in derivation.program.steps]
    return {name: print_latex(derivation.as_matrix(name), notation) for name in names}


@pytest.mark.parametrize(
    ("network", "samples", "profile", "expected"),
    [
        (
            net(),
            None,
            "superscript",
            {
                "z1": r"z^{(1)} = W^{(1)} x + b^{(1)}",
                "L": r"L = \frac{1}{2} \mathbf{1}^{\mathsf{T}} (a^{(2)} - y)^{2}",
                "dz2": r"\delta^{(2)} = \frac{\partial L}{\partial a^{(2)}} \odot \sigma'(z^{(2)})",
                "dW2": r"\frac{\partial L}{\partial W^{(2)}} = \delta^{(2)} (a^{(1)})^{\mathsf{T}}",
                "da1": r"\frac{\partial L}{\partial a^{(1)}} = (W^{(2)})^{\mathsf{T}} \delta^{(2)}",
                "W1_new": r"W^{(1)}_{\mathrm{new}} = W^{(1)} - \eta \frac{\partial L}{\partial W^{(1)}}",
            },
        ),
        (
            net(bias="folded"),
            None,
            "bracket",
            {
                "X1": r"X^{[1]} = \begin{bmatrix} 1 \\ x \end{bmatrix}",
                "z1": r"\mathrm{net}^{[1]} = W^{[1]} X^{[1]}",
                "da1": r"\frac{\partial L}{\partial a^{[1]}} = "
                r"\left(\frac{\partial L}{\partial X^{[2]}}\right)_{1:}",
            },
        ),
        (
            net(bias="folded", layout="row"),
            N,
            "superscript",
            {
                "X1": r"X^{(1)} = \begin{bmatrix} \mathbf{1} & x \end{bmatrix}",
                "da1": r"\frac{\partial L}{\partial a^{(1)}} = "
                r"\left(\frac{\partial L}{\partial X^{(2)}}\right)_{:,1:}",
            },
        ),
        (
            net(layout="row"),
            None,
            "subscript",
            {
                "z1": r"z_{1} = x W_{1} + b_{1}",
                "a2": "a_{2} = f_{2}(z_{2})",
                "L": r"J = \frac{1}{2} (a_{2} - y)^{2} \mathbf{1}",
                "dW2": r"\frac{\partial J}{\partial W_{2}} = a_{1}^{\mathsf{T}} \delta_{2}",
                "da1": r"\frac{\partial J}{\partial a_{1}} = \delta_{2} W_{2}^{\mathsf{T}}",
            },
        ),
        (
            net(layout="row", reduction="mean"),
            N,
            "subscript",
            {
                "z1": r"z_{1} = x W_{1} + \mathbf{1} b_{1}",
                "db2": r"\frac{\partial J}{\partial b_{2}} = \mathbf{1}^{\mathsf{T}} \delta_{2}",
                "L": r"J = \frac{1}{2 N} \mathbf{1}^{\mathsf{T}} (a_{2} - y)^{2} \mathbf{1}",
            },
        ),
        (
            net(last="softmax", loss="cross-entropy"),
            None,
            "superscript",
            {
                "a2": r"a^{(2)} = \frac{e^{z^{(2)}}}{\mathbf{1}^{\mathsf{T}} e^{z^{(2)}}}",
                "L": r"L = -\mathbf{1}^{\mathsf{T}} (y \odot \log(a^{(2)}))",
                "da2": r"\frac{\partial L}{\partial a^{(2)}} = -\frac{y}{a^{(2)}}",
                "dz2": r"\delta^{(2)} = \left(\frac{\partial L}{\partial a^{(2)}} - \mathbf{1}^{\mathsf{T}} "
                r"\left(\frac{\partial L}{\partial a^{(2)}} \odot a^{(2)}\right)\right) \odot a^{(2)}",
            },
        ),
        (
            net(last="softmax", loss="cross-entropy"),
            N,
            "superscript",
            {
                "db2": r"\frac{\partial L}{\partial b^{(2)}} = (\delta^{(2)})^{\mathsf{T}} \mathbf{1}",
                "a2": r"a^{(2)} = e^{z^{(2)}} \odot "
                r"\left(\frac{1}{e^{z^{(2)}} \mathbf{1}} \mathbf{1}^{\mathsf{T}}\right)",
            },
        ),
    ],
)
def test_steps_as_matrix_algebra(network, samples, profile, expected):
    found = lines(network, samples, profile)
    assert {name: found[name] for name in expected} == expected


W, A, D, B = Name("W1"), Name("a1"), Name("dz1"), Name("W2")


@pytest.mark.parametrize(
    ("form", "latex"),
    [
        (Product(Plus((W, B)), A), "(W^{(1)} + W^{(2)}) a^{(1)}"),
        (Product(B, Product(W, A)), "W^{(2)} W^{(1)} a^{(1)}"),
        (Transpose(Product(W, A)), r"(W^{(1)} a^{(1)})^{\mathsf{T}}"),
        (Transpose(Plus((W, B))), r"(W^{(1)} + W^{(2)})^{\mathsf{T}}"),
        (Transpose(SumOver(W, 0)), r"(W^{(1)})^{\mathsf{T}} \mathbf{1}"),
        (Product(W, Hadamard((A, D))), r"W^{(1)} (\delta^{(1)} \odot a^{(1)})"),
        (Hadamard((Product(W, A), D)), r"\delta^{(1)} \odot (W^{(1)} a^{(1)})"),
        (Hadamard((Plus((A, D)), A)), r"(a^{(1)} + \delta^{(1)}) \odot a^{(1)}"),
        (Plus((Hadamard((Scalar(sp.Integer(-2)), A)), D)), r"\delta^{(1)} - 2 a^{(1)}"),
        (Hadamard((Scalar(1 / N), A, D)), r"\frac{1}{N} \delta^{(1)} \odot a^{(1)}"),
        (Hadamard((Scalar(sp.Integer(-1)), Plus((A, D)))), r"-(a^{(1)} + \delta^{(1)})"),
        (Hadamard((SumOver(A, 0), D)), r"\left(\mathbf{1}^{\mathsf{T}} a^{(1)}\right) \delta^{(1)}"),
        (SumOver(SumOver(W, 1), 0), r"\mathbf{1}^{\mathsf{T}} W^{(1)} \mathbf{1}"),
        (Broadcast(A, 1), r"a^{(1)} \mathbf{1}^{\mathsf{T}}"),
        (Elementwise(U * (1 - U), (U,), (A,)), "a^{(1)} (1 - a^{(1)})"),
        (Elementwise(U * V / 2, (U, V), (A, D)), r"\frac{1}{2} \delta^{(1)} \odot a^{(1)}"),
        (Elementwise(sp.log(U), (U,), (Product(W, A),)), r"\log(W^{(1)} a^{(1)})"),
        (Elementwise(1 - U, (U,), (Plus((A, D)),)), r"1 - (a^{(1)} + \delta^{(1)})"),
        (Tail(W, 1), "(W^{(1)})_{:,1:}"),
        (Tail(W, 0), "(W^{(1)})_{1:,:}"),
    ],
)
def test_forms(form, latex):
    assert (
        Speller(derive(net()), Notation())
        .matrix_form(form)
        .replace(r"(\mathbf{1}^{\mathsf{T}} a^{(1)})", r"\left(\mathbf{1}^{\mathsf{T}} a^{(1)}\right)")
        == latex
    )


def test_a_step_without_a_matrix_form_is_printed_in_index_form():
    from derive.views import MatrixView

    derivation = derive(net())
    view = MatrixView(derivation.step("z1"), None, "column", derivation.program)
    assert print_latex(view) == r"z^{(1)}_{i} = \sum_{j=1}^{2} w^{(1)}_{ij} x_{j} + b^{(1)}_{i}"


# What printed matrix algebra says

SMOOTH = ("sigmoid", "tanh", "softplus", "softmax", "linear")
FUNCTIONS = {
    r"\sigma": lambda u: 1 / (1 + np.exp(-u)),
    r"\sigma'": lambda u: np.exp(-u) / (1 + np.exp(-u)) ** 2,
    r"\tanh": np.tanh,
    r"\tanh'": lambda u: 1 - np.tanh(u) ** 2,
    r"\operatorname{softplus}": lambda u: np.log(1 + np.exp(u)),
    r"\operatorname{softplus}'": lambda u: 1 / (1 + np.exp(-u)),
    r"\log": np.log,
}
SHAPED = st.builds(
    lambda first, last, **options: Network([Dense(3, first), Dense(4, last)], inputs=2, **options),
    st.sampled_from(SMOOTH),
    st.sampled_from(SMOOTH),
    loss=st.sampled_from(["half-squared-error", "mean-squared-error"]),
    layout=st.sampled_from(LAYOUTS),
    bias=st.sampled_from(BIASES),
    reduction=st.sampled_from(REDUCTIONS),
)


def as_matrix(array, vectors):
    if array.ndim == 2:
        return array
    return array.reshape((-1, 1) if vectors == "column" else (1, -1))


def values_of(network, samples):
    rng = np.random.default_rng(7)
    derivation = derive(network, samples)
    shapes = {t.name: tuple(map(int, t.shape)) for t in derivation.program.inputs}
    return derivation, evaluate(derivation.program, {n: rng.normal(size=s) for n, s in shapes.items()})


@settings(max_examples=30, deadline=None)
@given(SHAPED, st.sampled_from([None, 5]))
def test_printed_matrix_algebra_says_what_it_should(network, samples):
    derivation, values = values_of(network, samples)
    arrays = {name: as_matrix(value, network.layout) for name, value in values.items()}
    arrays[r"\eta"] = arrays["eta"]
    reader = MatrixEvaluator(arrays, FUNCTIONS)
    for step in derivation.program.steps:
        name = step.tensor.name
        right = print_latex(derivation.as_matrix(name)).split(" = ", 1)[1]
        found = np.broadcast_to(reader.value(right), arrays[name].shape)
        np.testing.assert_allclose(found, arrays[name], rtol=1e-9, atol=1e-12, err_msg=f"{name} = {right}")


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("dW1", r"\delta^{(1)} x^{\mathsf{T}}", r"x (\delta^{(1)})^{\mathsf{T}}"),
        ("da1", r"(W^{(2)})^{\mathsf{T}} \delta^{(2)}", r"W^{(2)} \delta^{(2)}"),
        ("z1", "W^{(1)} x + b^{(1)}", "W^{(1)} (x + b^{(1)})"),
    ],
)
def test_the_reader_notices_a_wrong_product(name, good, bad):
    derivation, values = values_of(net(bias="separate"), None)
    arrays = {name: as_matrix(value, "column") for name, value in values.items()}
    reader = MatrixEvaluator(arrays, FUNCTIONS)
    assert print_latex(derivation.as_matrix(name)).endswith(good)
    np.testing.assert_allclose(reader.value(good), arrays[name])
    with pytest.raises(ValueError, match=r"mismatch|broadcast"):
        np.testing.assert_allclose(np.broadcast_to(reader.value(bad), arrays[name].shape), arrays[name])


def test_a_part_of_a_name_with_a_subscript_has_brackets() -> None:
    network = net(bias="folded")
    program = derive(network).program
    form = matrix_form(delta_form(program.step("dz1"), program), program.tensors)
    assert form is not None
    text = Speller(network, PROFILES["subscript"]).matrix_form(form)
    assert re.search(r"_\{[^{}]*\}_", text) is None
    assert "(W_{2})_{:,1:}" in text
