"""Derivatives of the losses of single samples, from those of the loss of a batch."""

from __future__ import annotations

import numpy as np

from derive.arithmetic import Array
from derive.check.formula.values import Truth


def losses_by(truth: Truth, wrt: str) -> Array:
    """Return the derivatives of the loss of each sample by a tensor.

    What a sample does to the loss of a batch, it does to its own loss; a mean divides that by the number of
    samples. The loss of a sample does not depend on other samples, and on parameters through its own ``z``.

    Parameters
    ----------
    truth : Truth
        Of a batch.
    wrt : str
        A canonical tensor.

    Returns
    -------
    numpy.ndarray of shape (points, samples, *shape of `wrt`)
    """
    share = truth.samples if truth.world.network.reduction == "mean" else 1
    if wrt[0] not in "Wb":
        of_batch = truth.jacobian("L", wrt)
        own = np.eye(truth.samples).reshape(truth.samples, truth.samples, *([1] * (of_batch.ndim - 2)))
        return np.asarray(share * own * of_batch[:, None])
    layer = f"z{wrt[1:]}"
    by_sums, by_wrt = truth.jacobian("L", layer), truth.jacobian(layer, wrt)
    return np.asarray(share * np.einsum("pnu,pnu...->pn...", by_sums, by_wrt))
