"""``chainrule build``: the module on the arrays of its caller, and what it refuses."""

import importlib.util
import signal
import sys
from array import array

import numpy as np
import pytest
from c_compiled import with_headers
from modules_truth import imported as truth_of
from modules_truth import spec_of
from test_modules_gradients import numbers

from codegen.modules import generate
from codegen.modules.extension import build
from derive.network import Dense, Network
from derive.spec import load
from derive.trace import trace

EXAMPLES = ("lecture6", "linear-output", "row-vectors")


def imported(path, name):
    found = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


@pytest.fixture(scope="module", params=["NumPy", "buffers"])
def lecture6(tmp_path_factory, request):
    """Built with NumPy's headers and without."""
    with_headers()
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "buffers":
            patch.setattr("codegen.compiler.numpy_options", list)
        made = imported(build(load("lecture6"), tmp_path_factory.mktemp("build"))[-1], "lecture6")
    made.loss(np.zeros(12), np.zeros(2), np.zeros(2))  # from the first array on, NumPy's are known
    return made


@pytest.fixture
def arrays():
    example = load("lecture6").example
    params = np.concatenate([np.ravel(value) for value in example.parameters.values()])
    return params, np.array(example.x), np.array(example.y), np.full(params.size, np.nan)


@pytest.mark.parametrize("real", ["double", "float"])
@pytest.mark.parametrize("name", EXAMPLES)
def test_the_numbers_of_the_trace(name, real, tmp_path):
    with_headers()
    spec = load(name)
    path = build(spec, tmp_path, real)[-1]
    module = imported(path, path.name.partition(".")[0])
    expected, dtype = trace(spec), "f4" if real == "float" else "f8"
    close = {"rtol": 1e-5, "atol": 1e-6} if real == "float" else {"rtol": 1e-13, "atol": 1e-15}
    flat = [np.ravel(v) for v in spec.example.parameters.values()]
    params, x, y = (np.array(v, dtype) for v in (np.concatenate(flat), spec.example.x, spec.example.y))
    gradient = np.full_like(params, np.nan)
    assert module.value_and_grad(params, x, y, gradient) == pytest.approx(expected.loss, rel=close["rtol"])
    names = list(spec.example.parameters)
    truth = np.concatenate([np.ravel(expected.gradients[n]) for n in names])
    assert np.allclose(gradient, truth, **close)
    values = np.empty(2 * sum(spec.network.sizes[1:]), dtype)
    assert module.forward(params, x, values) is None
    order = [f"{kind}{n}" for n in range(1, len(spec.network.sizes)) for kind in "za"]
    assert np.allclose(values, np.concatenate([np.ravel(expected.values[n]) for n in order]), **close)
    assert module.sgd_step(params, x, y, spec.example.learning_rate, gradient) == pytest.approx(
        expected.loss, rel=close["rtol"]
    )
    assert np.allclose(params, np.concatenate([np.ravel(expected.updated[n]) for n in names]), **close)
    assert module.loss(params, x, y) == pytest.approx(expected.loss_after, rel=close["rtol"])


def test_any_buffer_will_do(lecture6, arrays):
    params, x, y, gradient = arrays
    loss = lecture6.value_and_grad(params, x, y, gradient)
    mine = array("d", [0.0] * len(params))
    assert lecture6.value_and_grad(array("d", params), memoryview(x), array("d", y), mine) == loss
    assert list(mine) == list(gradient)
    shaped = np.empty((4, 3))
    lecture6.value_and_grad(params.reshape(2, 6), x, y, shaped)
    assert np.array_equal(shaped.ravel(), gradient)


@pytest.mark.parametrize(
    ("place", "change", "error", "words"),
    [
        (
            0,
            lambda a: a.astype("f4"),
            ValueError,
            "params: expected numbers of type double, given the format f",
        ),
        (0, lambda a: a.astype(">f8"), ValueError, "params: expected numbers of type double"),
        (0, lambda a: a.astype("i8"), ValueError, "params: expected numbers of type double"),
        (0, lambda a: a[:-1], ValueError, "params: expected 12 numbers, given 11"),
        (1, lambda _: np.zeros(3), ValueError, "x: expected 2 numbers, or rows of as many, given 3"),
        (1, lambda a: list(a), TypeError, "x: expected an array of double, given list"),
        (1, lambda _: np.zeros(4)[::2], ValueError, "x: expected an array that lies in one piece"),
        (
            1,
            lambda _: b"0123456789abcdef",
            ValueError,
            "x: expected numbers of type double, given the format B",
        ),
        (
            2,
            lambda _: np.frombuffer(bytes(17), offset=1, dtype="f8"),
            ValueError,
            "y: expected aligned numbers",
        ),
        (3, lambda _: np.frombuffer(bytes(96)), ValueError, "gradient: .* may be written to"),
        (3, lambda _: None, TypeError, "gradient: expected an array of double, given NoneType"),
    ],
)
def test_an_argument_that_does_not_fit(place, change, error, words, lecture6, arrays):
    given = list(arrays)
    given[place] = change(given[place])
    with pytest.raises(error, match=words):
        lecture6.value_and_grad(*given)
    assert np.all(np.isnan(arrays[3])), "nothing is written"


def test_shared_memory_is_refused(lecture6, arrays):
    params, x, y, gradient = arrays
    before = params.copy()
    both = np.concatenate([params, np.zeros(11)])
    for given in ((params, x, y, params), (both[:12], x, y, both[11:]), (params, gradient[:2], y, gradient)):
        with pytest.raises(ValueError, match=r"gradient: shares memory with (params|x)"):
            lecture6.value_and_grad(*given)
    assert np.array_equal(params, before)
    lecture6.loss(params, x, x)  # what is only read may be the same


@pytest.mark.parametrize("reduction", ["sum", "mean"])
def test_a_batch_and_training(reduction, tmp_path):
    with_headers()
    network = Network([Dense(3, "tanh"), Dense(2)], inputs=2, loss="squared-error", reduction=reduction)
    path = build(spec_of(network), tmp_path)[-1]
    module = imported(path, path.name.partition(".")[0])
    params, x, y = numbers(network, 23, 4)
    flat = np.concatenate([np.ravel(value) for value in params.values()])
    gradient = np.empty_like(flat)
    with truth_of(generate(spec_of(network), style="array")) as arrays:
        loss, expected = arrays.value_and_grad(params.values(), x, y)
        expected = np.concatenate([np.ravel(value) for value in expected])
        forward = np.concatenate([np.atleast_2d(v) for v in arrays.forward(params.values(), x)], axis=1)
    assert module.loss(flat, x, y) == pytest.approx(loss, rel=1e-14)
    assert module.value_and_grad(flat, x, y, gradient) == pytest.approx(loss, rel=1e-14)
    np.testing.assert_allclose(gradient, expected, rtol=1e-12)
    values = np.empty((4, 10))
    module.forward(flat, x, values)
    np.testing.assert_allclose(values, forward, rtol=1e-13)
    stepped = flat.copy()
    assert module.sgd_step(stepped, x, y, 0.1, gradient) == pytest.approx(loss, rel=1e-14)
    np.testing.assert_array_equal(stepped, flat - 0.1 * gradient)
    alone = np.empty_like(flat)
    assert module.value_and_grad(flat, x[0], y[0], alone) == module.value_and_grad(
        flat, x[:1], y[:1], gradient
    )
    np.testing.assert_array_equal(alone, gradient)
    trained, one_by_one, losses, seen = flat.copy(), flat.copy(), np.empty(6), []
    assert module.train(trained, x, y, 0.1, losses, gradient) is None
    for _ in range(6):
        steps = [module.sgd_step(one_by_one, *sample, 0.1, gradient) for sample in zip(x, y, strict=True)]
        seen.append(steps[0] + steps[1] + steps[2] + steps[3])
    np.testing.assert_array_equal(trained, one_by_one)
    np.testing.assert_array_equal(losses, np.array(seen) / (4 if reduction == "mean" else 1))
    assert losses[-1] < losses[0]
    module.train(trained, x, y, 0.1, np.empty(0), gradient)
    np.testing.assert_array_equal(trained, one_by_one)


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        ((3, 2), (4, 2), "y: expected as many rows as x has, 3, given 4"),
        ((3, 2), (2,), "y: expected as many rows as x has, 3, given 1"),
        ((2,), (3, 2), "y: expected as many rows as x has, 1, given 3"),
        ((3, 3), (3, 2), "x: expected 2 numbers, or rows of as many, given 9"),
        ((0, 2), (0, 2), "x: expected 2 numbers, or rows of as many, given 0"),
        ((2, 2, 2), (4, 2), "x: expected 2 numbers, or rows of as many, given 8"),
        ((4,), (4,), "x: expected 2 numbers, or rows of as many, given 4"),
    ],
)
def test_rows_that_do_not_fit(x, y, words, lecture6, arrays):
    params, _, _, gradient = arrays
    before = params.copy()
    for call, more in (
        (lecture6.value_and_grad, ()),
        (lecture6.sgd_step, (0.1,)),
        (lecture6.train, (0.1, np.empty(2))),
    ):
        with pytest.raises(ValueError, match=f"^{words}$"):
            call(params, np.zeros(x), np.zeros(y), *more, gradient)
    assert np.array_equal(params, before)
    assert np.all(np.isnan(gradient))


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no such timer")
def test_training_can_be_interrupted(lecture6, arrays):
    """An interrupt is answered after the epoch; what was reached stays in the arrays."""
    params, x, y, gradient = arrays
    losses = np.full(5_000_000, np.nan)
    handler = signal.signal(signal.SIGVTALRM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_VIRTUAL, 0.05)
    try:
        with pytest.raises(KeyboardInterrupt):
            lecture6.train(params, x, y, 1e-3, losses, gradient)
    finally:
        signal.signal(signal.SIGVTALRM, handler)
    assert 0 < np.count_nonzero(np.isfinite(losses)) < len(losses)


def test_a_wrong_number_of_arguments(lecture6, arrays):
    params, x, y, gradient = arrays
    for function, given in (
        (lecture6.value_and_grad, (params, x, y)),
        (lecture6.loss, (params, x, y, gradient)),
        (lecture6.forward, ()),
        (lecture6.sgd_step, (params, x, y, gradient)),
        (lecture6.train, (params, x, y, 0.1, gradient)),
    ):
        with pytest.raises(TypeError, match=f"expected {function.__name__}"):
            function(*given)
    with pytest.raises(TypeError, match="real number"):
        lecture6.sgd_step(params, x, y, "fast", gradient)


def test_no_reference_is_lost(lecture6, arrays):
    before = [sys.getrefcount(value) for value in arrays]
    for _ in range(100):
        lecture6.value_and_grad(*arrays)
        with pytest.raises(ValueError, match="x: expected 2"):
            lecture6.value_and_grad(arrays[0], np.zeros(3), *arrays[2:])
    assert [sys.getrefcount(value) for value in arrays] == before
    owner = np.zeros(12)
    lecture6.value_and_grad(owner, *arrays[1:])
    owner.resize(24, refcheck=False)  # refused while a buffer is held
