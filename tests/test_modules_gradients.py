"""Gradients of generated modules, all styles, against differences of the loss at 60 digits."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from modules_truth import differences, imported, loss_at, relative_error, spec_of

from codegen.modules import STYLES, generate
from derive.activations import ACTIVATIONS
from derive.losses import LOSSES
from derive.network import BIASES, LAYOUTS, REDUCTIONS, Dense, Network

TOLERANCE = 1e-12

EXPRESSIONS = (
    "z/(1 + exp(-z))",
    "sin(z)*exp(-z**2)",
    "sqrt(1 + z**2)",
    "tanh(z)*sigmoid(z)",
    "z**3/10",
    "log(1 + z**2)",
    "abs(z)*z",
    "z*tanh(softplus(z))",
    "sigmoid(z)*sigmoid(-2*z)",
    "erf(z)",
    "max(min(z, 1), -1)",
    "(1 + z**2)**(1/3)",
    "2**z",
    "sigmoid(-z)",
)
# Where a logarithm is taken of the outputs, or of what they lack to 1: an expression that nears 1 has lost
# the digits of that, in any code that computes it first.
IN_RANGE = {
    "cross-entropy": ("softmax", "sigmoid", "softplus", "exp(-z**2)"),
    "binary-cross-entropy": ("sigmoid", "softmax", "1/(2 + exp(-z**2))", "sigmoid(z)*sigmoid(-2*z)"),
}


def gradients(style, network, params, x, y, fast_math=False):
    """The loss of a batch and its derivatives, by a module of a style in Python."""
    with imported(generate(spec_of(network), style=style, fast_math=fast_math)) as module:
        if style != "scalar":
            loss, found = module.value_and_grad(list(params.values()), x, y)
            assert module.loss(params.values(), x, y) == loss
            return loss, found
        packed = module.pack(params.values())
        samples = [(x, y)] if x.ndim == 1 else list(zip(x, y, strict=True))
        results = [module.value_and_grad(packed, *sample) for sample in samples]
        assert [module.loss(packed, *sample) for sample in samples] == [loss for loss, _ in results]
        share = len(samples) if network.reduction == "mean" else 1
        total = np.sum([found for _, found in results], axis=0) / share
        return sum(loss for loss, _ in results) / share, module.unpack(total)


def is_within_the_digits(network, loss):
    """Whether the reference has them: of what lacks 1e-53 to 1, it knows that to 7 digits."""
    return np.isfinite(loss) and (network.loss not in IN_RANGE or loss < 50)


def check(network, params, x, y, fast_math=False):
    truth = differences(network, params, x, y)
    loss = float(loss_at(network, params | {"x": x, "y": y}))
    if not is_within_the_digits(network, loss):
        reject()
    for style in STYLES:
        value, found = gradients(style, network, params, x, y, fast_math)
        assert abs(value - loss) <= TOLERANCE * abs(loss), style
        for (name, expected), got in zip(truth.items(), found, strict=True):
            assert relative_error(got, expected) < TOLERANCE, (style, name)


def numbers(network, seed, batch):
    """Reproducible parameters, inputs and targets; hinge has targets of its own."""
    rng = np.random.default_rng(seed)
    params = {name: rng.normal(size=shape) for name, shape in network.parameter_shapes.items()}
    outer = () if batch is None else (batch,)
    x = rng.normal(size=(*outer, network.inputs))
    y = rng.uniform(0.05, 0.95, size=(*outer, network.sizes[-1]))
    return params, x, np.sign(y - 0.5) if network.loss == "hinge" else y


@st.composite
def networks(draw):
    loss = draw(st.sampled_from(sorted(LOSSES)))
    hidden = st.sampled_from((*ACTIVATIONS, *EXPRESSIONS))
    last = st.sampled_from(IN_RANGE.get(loss, (*ACTIVATIONS, *EXPRESSIONS)))
    depth = draw(st.integers(1, 4))
    biases = st.sampled_from((None, *BIASES))
    layers = [
        # A softmax of one unit is constant: with a logarithm of what it lacks to 1, the loss is infinite.
        Dense(draw(st.integers(2, 3)), draw(hidden if number < depth else last), draw(biases))
        for number in range(1, depth + 1)
    ]
    return Network(
        layers,
        inputs=draw(st.integers(1, 3)),
        loss=loss,
        layout=draw(st.sampled_from(LAYOUTS)),
        bias=draw(st.sampled_from(BIASES)),
        reduction=draw(st.sampled_from(REDUCTIONS)),
    )


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(networks(), st.integers(0, 2**32), st.sampled_from([None, 1, 3]), st.booleans())
def test_any_network(network, seed, batch, fast_math):
    check(network, *numbers(network, seed, batch), fast_math)


@pytest.mark.parametrize("activation", [*ACTIVATIONS, *EXPRESSIONS])
def test_every_activation_in_a_hidden_layer(activation):
    layers = [Dense(3, activation), Dense(2, "tanh")]
    network = Network(layers, inputs=2, loss="squared-error", layout="row", reduction="mean")
    check(network, *numbers(network, 7, 2))


@pytest.mark.parametrize("loss", sorted(LOSSES))
@pytest.mark.parametrize("bias", BIASES)
def test_every_loss_with_every_bias(loss, bias):
    outputs = IN_RANGE.get(loss, ("linear", "softmax"))
    for last in outputs if bias == "separate" else outputs[:1]:
        network = Network([Dense(2, "tanh"), Dense(3, last)], inputs=2, loss=loss, bias=bias)
        check(network, *numbers(network, 11, 2))


def test_layers_with_biases_of_three_kinds():
    layers = [Dense(3, "silu", "folded"), Dense(2, "gelu", "none"), Dense(2, "softmax", "separate")]
    for layout in LAYOUTS:
        network = Network(layers, inputs=2, loss="cross-entropy", layout=layout, bias="folded")
        check(network, *numbers(network, 3, 3))


def test_one_unit_and_one_input():
    for activation in ("softmax", "sigmoid"):
        network = Network([Dense(1, activation)], inputs=1, loss="cross-entropy")
        check(network, *numbers(network, 5, 1))


# Where there is no derivative, a stated one is taken.


def one_weight(activation, loss, x, y, weight=1.0):
    network = Network([Dense(1, activation)], inputs=1, loss=loss, bias="none")
    params = {"W1": np.array([[weight]])}
    found = [gradients(style, network, params, np.array([x]), np.array([y]))[1].W1[0, 0] for style in STYLES]
    assert len(set(found)) == 1
    return found[0]


@pytest.mark.parametrize(
    ("activation", "slope"), [("relu", 0.0), ("leaky-relu", 0.01), ("elu", 1.0), ("abs(z)", 0.0)]
)
def test_convention_of_an_activation_at_0(activation, slope):
    # One layer of one weight 0, and x = 1: z is 0, and dL/dW is (a - y) times the slope; a is 0.
    assert one_weight(activation, "half-squared-error", 1.0, -1.0, weight=0.0) == slope


@pytest.mark.parametrize(
    ("loss", "x", "y", "slope"),
    [
        ("absolute-error", 2.0, 2.0, 0.0),
        ("absolute-error", 2.0, 1.0, 2.0),
        ("hinge", 1.0, 1.0, 0.0),
        ("hinge", 0.5, 1.0, -0.5),
        ("huber", 2.0, 1.0, 2.0),
        ("huber", 2.0, 3.0, -2.0),
        ("huber", 4.0, 1.0, 4.0),
    ],
)
def test_convention_of_a_loss_at_its_kink(loss, x, y, slope):
    assert one_weight("linear", loss, x, y) == slope
