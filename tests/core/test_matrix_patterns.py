"""A matrix form is proved once for all layers of a kind; what differs in more than names is told apart."""

from collections import Counter

from core_programs import i, j, k, tensor

import derive.matrix.proof
from derive import Dense, Network
from derive.matrix import Name, Plus, Product, SumOver, Transpose, holds, matrix_form
from derive.matrix.patterns import pattern_of, pattern_of_form
from derive.program import total


def form_of(d, name):
    return matrix_form(d.step(name), d.program.tensors, d.vectors)


def accepts(d, name, form) -> bool:
    return holds(d.step(name), form, d.program.tensors, d.vectors)


def test_layers_of_a_kind_are_proved_once(monkeypatch):
    """The numbers of the layers and their widths change nothing; what is read where, does."""
    layers = [Dense(units, "sigmoid") for units in (4, 9, 5, 7, 4)]
    d = Network(layers, inputs=3, loss="half-squared-error", layout="row").derive(4)
    compared = []
    agree = derive.matrix.proof._agree
    monkeypatch.setattr(derive.matrix.proof, "_agree", lambda c, r: compared.append(c) or agree(c, r))
    derive.matrix.proof._is_proved.cache_clear()
    forms = {s.tensor.name: form_of(d, s.tensor.name) for s in d.program.steps}
    assert all(accepts(d, name, form) for name, form in forms.items() if name != "L")
    once = len(compared)
    kinds = Counter(c.step.tensor.name.rstrip("_new12345") for c in compared)
    # SymPy writes `W1 x`, but `a1 W2`; the last `da` follows from the loss.
    assert kinds == {"z": 2, "a": 1, "da": 2, "dz": 1, "dW": 2, "db": 1, "W": 1, "b": 1}
    assert not accepts(d, "dW3", Transpose(forms["dW3"]))
    assert not accepts(d, "z3", Plus((forms["z3"], forms["z3"])))
    assert len(compared) > once


def test_claims_differ_in_more_than_names():
    """What is read twice is told from two that are read once, and the first of two from the second."""
    u, v, w = (tensor(name, "hidden", 3) for name in "uvw")
    assert pattern_of(u[i] * v[i], {}) == pattern_of(v[i] * w[i], {})
    assert pattern_of(u[i] * v[i], {}) != pattern_of(u[i] * u[i], {})
    assert pattern_of(u[i] * v[i], {}) != pattern_of(u[i] * v[j], {})
    assert pattern_of(u[i] - 2 * v[i], {}) != pattern_of(u[i] - 3 * v[i], {})
    whole = pattern_of(total(u[k] * v[i], (k, 3)), {})
    assert whole == pattern_of(total(v[k] * w[i], (k, 5)), {})
    assert whole != pattern_of(total(u[j] * v[i], (j, 3)), {})
    read = {"u": 0, "v": 1}
    forms = [Product(Name("u"), Name("v")), Product(Name("v"), Name("u"))]
    forms += [SumOver(Name("u"), 0), SumOver(Name("u"), 1), SumOver(Name("v"), 1)]
    assert len({pattern_of_form(form, dict(read)) for form in forms}) == len(forms)
