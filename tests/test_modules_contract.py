"""What users of a generated module hold on to: names, shapes, dtypes, errors, purity."""

import inspect
import pickle
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import numpy as np
import pytest
from modules_truth import imported, spec_of

from codegen.modules import STYLES, generate
from derive.network import Dense, Network

NETWORK = Network(
    [Dense(4, "tanh"), Dense(2, "softmax", "folded")], inputs=3, loss="cross-entropy", reduction="mean"
)
SHAPES = {"W1": (4, 3), "b1": (4,), "W2": (2, 5)}
EXPRESSIONS = Network([Dense(3, "max(z, 0)"), Dense(2, "sign(z)*z**2", "none")], inputs=3, loss="huber")


@pytest.fixture(scope="module")
def modules():
    with ExitStack() as stack:
        yield {
            style: stack.enter_context(imported(generate(spec_of(NETWORK), style=style))) for style in STYLES
        }


@pytest.fixture(scope="module", params=["array", "auto"])
def array(modules, request):
    return modules[request.param]


@pytest.fixture(scope="module")
def scalar(modules):
    return modules["scalar"]


def arguments(samples=None, dtype=float):
    rng = np.random.default_rng(1)
    params = [rng.normal(size=shape).astype(dtype) for shape in SHAPES.values()]
    outer = () if samples is None else (samples,)
    return params, rng.normal(size=(*outer, 3)).astype(dtype), rng.uniform(size=(*outer, 2)).astype(dtype)


# Names and results


@pytest.mark.parametrize("style", STYLES)
def test_names_and_signatures(modules, style):
    expected = {
        "forward": ["params", "x"],
        "loss": ["params", "x", "y"],
        "value_and_grad": ["params", "x", "y"],
        "sgd_step": ["params", "x", "y", "learning_rate"],
    }
    for name, names in expected.items():
        workspace = ["workspace"] if style != "scalar" and "y" in names else []
        names = [*names, *workspace]
        assert list(inspect.signature(getattr(modules[style], name)).parameters) == names
    assert modules[style].Params._fields == ("W1", "b1", "W2")
    assert modules[style].Forward._fields == ("z1", "a1", "z2", "a2")
    assert not hasattr(modules[style], "example")


def test_results_of_one_sample(array):
    params, x, y = arguments()
    values = array.forward(params, x)
    assert isinstance(values, array.Forward)
    assert [value.shape for value in values] == [(4,), (4,), (2,), (2,)]
    loss, gradient = array.value_and_grad(array.Params(*params), x, y)
    assert type(loss) is float
    assert type(array.loss(params, x, y)) is float
    assert isinstance(gradient, array.Params)
    assert [value.shape for value in gradient] == list(SHAPES.values())


def test_a_batch_is_the_mean_of_its_samples(array):
    params, x, y = arguments(5)
    loss, gradient = array.value_and_grad(params, x, y)
    single = [array.value_and_grad(params, *sample) for sample in zip(x, y, strict=True)]
    assert loss == pytest.approx(np.mean([value for value, _ in single]), rel=1e-14)
    for place, found in enumerate(gradient):
        np.testing.assert_allclose(found, np.mean([g[place] for _, g in single], axis=0), rtol=0, atol=1e-15)
    values, one = array.forward(params, x), array.forward(params, x[3])
    assert [value.shape for value in values] == [(5, 4), (5, 4), (5, 2), (5, 2)]
    np.testing.assert_allclose(values.a2[3], one.a2, rtol=1e-14)


@pytest.mark.parametrize("network", [NETWORK, EXPRESSIONS])
@pytest.mark.parametrize("samples", [None, 3])
@pytest.mark.parametrize("style", ["array", "auto"])
def test_dtypes(network, samples, style):
    with imported(generate(spec_of(network), style=style)) as module:
        for dtype, others, expected in (
            (np.float32, np.float32, np.float32),
            (np.float64, np.float64, np.float64),
            (np.float32, np.float64, np.float64),
            (np.float16, np.float16, np.float64),
            (np.int64, np.int64, np.float64),
            (np.longdouble, np.float32, np.float64),
        ):
            shapes = network.parameter_shapes.values()
            params = [np.ones(shape, dtype) for shape in shapes]
            outer = () if samples is None else (samples,)
            x, y = np.ones((*outer, 3), others), np.ones((*outer, 2), others)
            assert {value.dtype for value in module.forward(params, x)} == {np.dtype(expected)}
            assert {value.dtype for value in module.value_and_grad(params, x, y)[1]} == {np.dtype(expected)}
            for rate in (0.1, np.float64(0.1), np.array(0.1), 1):
                _, new = module.sgd_step(params, x, y, rate)
                assert {value.dtype for value in new} == {np.dtype(expected)}


def test_lists_of_whole_numbers(array, scalar):
    params = [np.ones(shape, int).tolist() for shape in SHAPES.values()]
    loss, gradient = array.value_and_grad(params, [1, 0, 2], [0, 1])
    flat, found = scalar.value_and_grad(scalar.pack(params), [1, 0, 2], [0, 1])
    assert loss == pytest.approx(flat, rel=1e-15)
    np.testing.assert_allclose(scalar.pack(gradient), found, rtol=1e-13, atol=1e-16)


def test_the_step_is_minus_the_rate_times_the_gradient(array, scalar):
    params, x, y = arguments(4)
    loss, gradient = array.value_and_grad(params, x, y)
    before, new = array.sgd_step(params, x, y, 0.25)
    assert before == loss
    for old, slope, value in zip(params, gradient, new, strict=True):
        np.testing.assert_array_equal(value, old - 0.25 * slope)
    flat = scalar.pack(params)
    loss, slopes = scalar.value_and_grad(flat, x[0], y[0])
    assert scalar.sgd_step(flat, x[0], y[0], 0.25) == (
        loss,
        tuple(w - 0.25 * g for w, g in zip(flat, slopes, strict=True)),
    )


def test_flat_and_back(scalar):
    params, x, _ = arguments()
    flat = scalar.pack(params)
    assert type(flat) is tuple
    assert {type(number) for number in flat} == {float}
    for old, new in zip(params, scalar.unpack(flat), strict=True):
        np.testing.assert_array_equal(old, new)
    for sequence in (flat, list(flat), np.array(flat)):
        assert scalar.forward(sequence, x.tolist()) == scalar.forward(flat, x)
    with pytest.raises(ValueError, match=re.escape("params: expected the shape (26,), given (25,)")):
        scalar.unpack(flat[1:])
    with pytest.raises(ValueError, match=re.escape("params: expected 3 arrays (W1, b1, W2), given 2")):
        scalar.pack(params[1:])
    with pytest.raises(ValueError, match=re.escape("params.b1: expected the shape (4,), given (3,)")):
        scalar.pack([params[0], params[1][1:], params[2]])


# Errors


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"params": 2}, "params: expected 3 arrays (W1, b1, W2), given 2"),
        ({"W1": (3, 4)}, "params.W1: expected the shape (4, 3), given (3, 4)"),
        ({"b1": (4, 1)}, "params.b1: expected the shape (4,), given (4, 1)"),
        ({"W2": ()}, "params.W2: expected the shape (2, 5), given ()"),
        ({"x": (4,)}, "x: expected the shape (3,) or (N, 3) with N at least 1, given (4,)"),
        ({"x": (0, 3)}, "x: expected the shape (3,) or (N, 3) with N at least 1, given (0, 3)"),
        ({"x": (1, 1, 3)}, "x: expected the shape (3,) or (N, 3) with N at least 1, given (1, 1, 3)"),
        ({"x": ()}, "x: expected the shape (3,) or (N, 3) with N at least 1, given ()"),
        ({"y": (3,)}, "y: expected the shape (2,) beside x of shape (3,), given (3,)"),
        ({"y": (1, 2)}, "y: expected the shape (2,) beside x of shape (3,), given (1, 2)"),
        ({"x": (5, 3), "y": (4, 2)}, "y: expected the shape (5, 2) beside x of shape (5, 3), given (4, 2)"),
        ({"x": (5, 3), "y": (2,)}, "y: expected the shape (5, 2) beside x of shape (5, 3), given (2,)"),
    ],
)
def test_a_wrong_shape_is_named(array, change, message):
    params, x, y = arguments()
    given = dict(zip(SHAPES, params, strict=True)) | {"x": x, "y": y}
    given |= {name: np.ones(shape) for name, shape in change.items() if name != "params"}
    params = [given[name] for name in SHAPES][: change.get("params")]
    calls = {"loss": (), "value_and_grad": (), "sgd_step": (0.1,)} | (
        {} if "y" in change else {"forward": None}
    )
    for name, more in calls.items():
        rest = () if more is None else (given["y"], *more)
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            getattr(array, name)(params, given["x"], *rest)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("x", ["1", "2", "3"], "x: expected .*, given an array of <U1"),
        ("x", [[1, 2, 3], [1, 2]], "x: expected .*, given what is no array of numbers: "),
        ("x", None, "x: expected .*, given what is no array of numbers: "),
        ("x", [1, 2, 10**400], "x: expected .*, given what is no array of numbers: "),
        ("y", [1j, 0], "y: expected .*, given an array of complex128"),
        ("learning_rate", [0.1], r"learning_rate: expected a number, given \(1,\)"),
        ("learning_rate", "fast", "learning_rate: expected a number, given an array of <U4"),
    ],
)
def test_what_is_no_number_is_named(array, name, value, message):
    params, x, y = arguments()
    given = {"x": x, "y": y, "learning_rate": 0.1} | {name: value}
    with pytest.raises(ValueError, match=f"^{message}"):
        array.sgd_step(params, given["x"], given["y"], given["learning_rate"])


@pytest.mark.parametrize(
    ("params", "x", "y", "message"),
    [
        (25, 3, 2, "params: expected 26 numbers, given 25"),
        (26, 4, 2, "x: expected 3 numbers, given 4"),
        (26, 3, 1, "y: expected 2 numbers, given 1"),
    ],
)
def test_a_wrong_number_of_floats_is_named(scalar, params, x, y, message):
    for name, more in {"loss": (), "value_and_grad": (), "sgd_step": (0.1,)}.items():
        with pytest.raises(ValueError, match=f"^{message}$"):
            getattr(scalar, name)([0.5] * params, (0.5,) * x, [0.5] * y, *more)
    with pytest.raises(ValueError, match=re.escape("x: expected the shape (3,), given (1, 3)")):
        scalar.forward([0.5] * 26, np.ones((1, 3)))


# Purity


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("samples", [None, 4])
def test_inputs_are_left_alone(array, dtype, samples):
    params, x, y = arguments(samples, dtype)
    inputs = [*params, x, y]
    copies = [value.copy() for value in inputs]
    for value in inputs:
        value.flags.writeable = False
    results = [*array.forward(params, x), *array.value_and_grad(params, x, y)[1]]
    results += array.sgd_step(params, x, y, 0.1)[1]
    assert all(np.array_equal(value, copy) for value, copy in zip(inputs, copies, strict=True))
    assert not any(np.shares_memory(result, value) for result in results for value in inputs)


def test_strides_do_not_matter(array):
    params, x, y = arguments(4)
    loss, gradient = array.value_and_grad(params, x, y)
    turned = [np.asfortranarray(value) for value in params]
    other, found = array.value_and_grad(turned, np.repeat(x, 2, axis=0)[::2], y[::-1][::-1])
    assert other == pytest.approx(loss, rel=1e-14)
    for one, two in zip(gradient, found, strict=True):
        np.testing.assert_allclose(one, two, rtol=0, atol=1e-15)


def test_threads_do_not_disturb_each_other(array, scalar):
    calls = [arguments(samples) for samples in range(1, 9)] * 20
    alone = [array.value_and_grad(*call)[0] for call in calls]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda call: array.value_and_grad(*call)[0], calls))
        flat = list(pool.map(lambda c: scalar.loss(scalar.pack(c[0]), c[1][0], c[2][0]), calls))
    assert together == alone
    assert flat == [scalar.loss(scalar.pack(p), x[0], y[0]) for p, x, y in calls]


def test_parameters_can_be_pickled(array):
    params = array.Params(*arguments()[0])
    again = pickle.loads(pickle.dumps(params))  # noqa: S301  # made in the same line
    assert isinstance(again, array.Params)
    assert all(np.array_equal(one, two) for one, two in zip(params, again, strict=True))
