"""One sample through a bundled network in plain NumPy, without any part of the project but the network files.

Whatever the project computes for an example can be judged by this: it is written a second time on purpose.
"""

import tomllib

import numpy as np

from derive import examples


class PlainNetwork:
    """One sample through one network: forward, backward by hand, one step of gradient descent."""

    def __init__(self, name: str, parameters: dict | None = None, *, fed_with_z: bool = False) -> None:
        network = tomllib.loads(examples.path(name).read_text())
        self.net, example = network["network"], network["example"]
        self.activations = [layer["activation"] for layer in self.net["layers"]]
        assert self.net["loss"] == "half-squared-error", "this reference knows one loss"
        assert set(self.activations) <= {"sigmoid", "linear"}, "this reference knows two activations"
        self.x, self.y = np.array(example["x"], float), np.array(example["y"], float)
        self.rate = example["learning_rate"]
        self.parameters = {
            key: np.array(value, float) for key, value in (parameters or example["parameters"]).items()
        }
        self.fed_with_z = fed_with_z  # the mistake of one document

    def quantities(self) -> dict[str, np.ndarray]:
        values = self.forward(self.parameters)
        gradients = self.backward(values)
        updated = {
            name: value - self.rate * gradients[f"grad:{name}"] for name, value in self.parameters.items()
        }
        after = self.forward(updated)
        return (
            values
            | gradients
            | {f"updated:{name}": value for name, value in updated.items()}
            | {f"after:{name}": value for name, value in after.items()}
            | {"loss_after": after["loss"]}
        )

    def forward(self, parameters: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        values, a = {}, self.x
        for layer, activation in enumerate(self.activations, start=1):
            if self.net["bias"] == "folded":
                a = np.concatenate([[1.0], a])
            W = parameters[f"W{layer}"]
            product = W @ a if self.net["layout"] == "column" else a @ W
            z = product + parameters.get(f"b{layer}", 0.0)
            linear = activation == "linear"
            output = z if linear else 1 / (1 + np.exp(-z))
            slope = np.ones_like(z) if linear else output * (1 - output)
            values |= {f"X{layer}": a, f"product:W{layer}": product, f"z{layer}": z, f"a{layer}": output}
            values[f"derivative:a{layer}"] = slope
            a = z if self.fed_with_z else output
        values["loss"] = 0.5 * np.sum((self.y - output) ** 2)
        return values

    def backward(self, values: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        last = len(self.activations)
        gradients = {f"grad:a{last}": values[f"a{last}"] - self.y}
        for layer in range(last, 0, -1):
            delta = gradients[f"grad:a{layer}"] * values[f"derivative:a{layer}"]
            # A document that feeds z forward nevertheless takes the gradients with a.
            fed = values[f"a{layer - 1}"] if self.fed_with_z and layer > 1 else values[f"X{layer}"]
            W = self.parameters[f"W{layer}"]
            column = self.net["layout"] == "column"
            gradients[f"grad:z{layer}"] = gradients[f"grad:b{layer}"] = delta
            gradients[f"grad:W{layer}"] = np.outer(delta, fed) if column else np.outer(fed, delta)
            back = W.T @ delta if column else W @ delta
            gradients[f"grad:X{layer}"] = back
            gradients[f"grad:a{layer - 1}"] = back[1:] if self.net["bias"] == "folded" else back
        return gradients


def unrounded_weights() -> dict[str, np.ndarray]:
    """Weights of `linear-output` with all their digits.

    Its notebook draws them with seed 0 and prints eight digits; its printed weights stand in the stream of
    that seed once, after 59737 words of 32 bits.
    """
    stream = np.random.RandomState(0)
    stream.bytes(4 * 59737)
    return {"W1": stream.rand(3, 2), "W2": stream.rand(2, 3)}
