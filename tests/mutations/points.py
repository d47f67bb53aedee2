"""Numbers for a network: three points in general position, with everything that follows from them."""

import numpy as np

from derive.derivation import derive
from derive.evaluate import evaluate
from derive.optimizers import LEARNING_RATE
from mutations.arithmetic import ELEMENTWISE


def points_of(network):
    """Return the values of all tensors of one sample, by canonical name, at three random points."""
    derivation = derive(network)
    chance = np.random.default_rng(1)
    found = []
    for _ in range(3):
        shapes = {"x": (network.inputs,), **network.parameter_shapes}
        drawn = {name: chance.normal(0, 0.9, shape) for name, shape in shapes.items()}
        drawn["y"] = _targets(network, chance)
        drawn[LEARNING_RATE.name] = np.asarray(chance.uniform(0.2, 0.7))
        found.append(dict(evaluate(derivation.numeric, drawn)))
    return found


def _targets(network, chance):
    """Return targets at which the loss is defined, and no two outputs are alike."""
    target = chance.uniform(0.1, 0.9, network.sizes[-1])
    return target / target.sum() if network.loss == "cross-entropy" else target


def example_of(spec):
    """Return the values of all tensors at the example; none where there are no numbers."""
    if spec.example is None:
        return {}
    rate = spec.example.learning_rate
    given = {"x": spec.example.x, "y": spec.example.y, LEARNING_RATE.name: 0.0 if rate is None else rate}
    return dict(evaluate(derive(spec.network, spec.samples).numeric, {**given, **spec.example.parameters}))


def slopes_of(spec, values):
    """Return the derivatives of the activations at the example, all as numbers."""
    return [
        float(number)
        for n, layer in enumerate(spec.network.layers, 1)
        if values and layer.activation in ELEMENTWISE
        for number in np.ravel(ELEMENTWISE[layer.activation][1](values[f"z{n}"]))
    ]
