"""How the arrays of a network lie in memory, and how a large batch is cut: the rule, and what it rests on.

The rule
--------
- What belongs to a layer of at most `NARROW` units has a row for each unit and a column for each sample; what
  belongs to a wider layer has a row for each sample. ``x`` and ``y`` are given with a row for each sample,
  and copied where they, and the layer that reads them, are narrow.
- Where weights stand as (inputs, units), biases are computed as their last row: where a layer and the one
  before it are narrow, with a row of ones below the inputs; where the first layer is wide and has at least
  as many units as inputs, with a copy of the inputs beside a column of ones.
- A batch of more than `TILE` samples is computed in pieces of as many, where a piece keeps at least
  `TILED_FROM` numbers for each sample and the matrix products take at most `TILED_TO` multiplications for
  each of these numbers; the derivatives of the pieces add up.
- The arrays of a batch are parts of one piece of memory where they hold at least `ONE_PIECE_FROM` numbers.
- One sample is computed by vectors. The derivative by at least `PADDED_FROM` weights, an outer product, is
  computed as a product of two columns and two rows, the second of zeros.
- The product of the deltas of a narrow layer (a row for each unit) with its weights, for a wide layer before
  it, reads the weights from a copy that lies as they are used, where the layer has at most `THIN` units and
  the product at least `TURNED_FROM` numbers. Of up to `FEW_SAMPLES` samples in float32, the product of deltas
  with the transpose of at least `MANY_WEIGHTS` weights is computed as its transpose, and copied.

What was measured
-----------------
NumPy 2.4 with OpenBLAS, one thread, 1 MiB of second-level cache; a loss with its gradient, sigmoid layers
before a softmax, relative to the matrix products alone, in float64 where nothing is said.

- A pass over rows of few units handles each row for itself: over 4096 samples of 3 units, adding a bias takes
  24 us by rows of units and 4 us by rows of samples, the largest of each sample 127 and 2 us.
- A row for each sample, or for each unit in narrow layers: 16-8-4, batch 1024, 4.5 and 2.6; 32-32-10, batch
  1024, 2.1 and 1.9; 64-128-10, batch 256, 1.40 and 1.36, in float32 1.69 and 1.54. A row for each unit in
  layers of 48, 64 or 128 units as well changes 1 % or less.
- Pieces of 512 samples at batch 4096: 64-128-10 with a workspace 1.25 in place of 1.35, without one 1.32 in
  place of 1.97. In float32, pieces of 512 and 1024 samples, 1.13 and 1.38 with the kernels of OpenBLAS for
  AVX-512 (those for small products end at 10^6 multiplications), 1.18 and 1.16 with those for AVX2.
  784-128-10 is 2 % slower in pieces, and 2-3-2 twice as slow, since each piece costs some 20 us for itself.
- Memory: the C library gives the arrays of a large batch back to the system after each call, unless they are
  one piece: 64-128-10, batch 1024, 1.4 in one piece, 2.5 in many.
- An operation on arrays of two shapes takes longer than to copy the smaller one over and over and to compute
  on one shape (256 samples of 3 units, 1.7 us and 0.9 us), and it makes a buffer of up to 64 KiB.
- Biases as a row of the weights: 2-3-2, batch 256, 3.7 in place of 4.2, batch 4096, 2.1 in place of 2.5;
  64-128-10, batch 4096, 1.01 in place of 1.05, in float32 as before.
- Kernels of OpenBLAS for AVX-512 are slow on products of one column (784 by 512 in float64: 540 us; beside
  zeros 160 us, by a ufunc 200 us; 64 by 128: 4.2 and 1.8 us) and on small products of two transposes (256 by
  10 by 128: 17.7 us, with a copy of the weights 9.2 us; below 128 by 128 the copy costs what it gains). With
  kernels for AVX2, both are within 5 %. 32 by 512 times the transpose of 512 by 512 in float32, 178 us, and
  105 us by its transpose; of 256 samples, 659 and 746 us. In float64, a step takes 3 % more.
- One sample, relative to NumPy as in the notes and without the checks of arguments: 2-3-2, 0.50 by matrices
  of one row and 0.36 by vectors; 64-128-10, 0.44 and 0.34.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import sympy as sp

from derive.nodes import elements_in
from derive.program import Program, Tensor, name_of

NARROW = 32
"""Units up to which a layer has a row for each unit."""

TILE = 512
"""Samples in a piece of a large batch."""

TILED_FROM = 256
"""Numbers for each sample from which a large batch is cut."""

TILED_TO = 200
"""Multiplications of the matrix products for each of these numbers up to which a large batch is cut."""

ONE_PIECE_FROM = 16_384
"""Numbers from which the arrays of a batch are parts of one piece of memory."""

THIN = 16
"""Units up to which the weights of a layer, turned, are copied for the product with its deltas."""

TURNED_FROM = 16_384
"""Numbers of such a product from which they are copied."""

FEW_SAMPLES = 64
"""Samples up to which deltas times the transpose of many weights are computed turned, in float32."""

MANY_WEIGHTS = 65_536
"""Weights from which that is so."""

PADDED_FROM = 8_192
"""Weights from which the derivative by them, of one sample, is a product of two columns."""


def turned(program: Program, samples: sp.Symbol, narrow: int = NARROW) -> frozenset[str]:
    """Return the tensors that lie with a row for each unit and a column for each sample.

    Parameters
    ----------
    program : Program
    samples : sympy.Symbol
        The number of samples.
    narrow : int
        Units up to which a layer lies so.
    """
    tensors = program.tensors
    found = {t.name for t in program.inputs if t.name == "y" and _is_narrow(t, samples, narrow)}
    for step in program.steps:
        tensor = step.tensor
        if len(tensor.shape) == 2:
            if _is_narrow(tensor, samples, narrow):
                found.add(tensor.name)
        elif tensor.shape == (samples,):
            read = {name_of(node) for node in elements_in(step.expr)}
            wide = [name for name in read if tensors[name].shape[:1] == (samples,) and name not in found]
            if read and not wide:
                found.add(tensor.name)
    readers = [step for step in program.steps if "x" in step.uses and step.tensor.shape[:1] == (samples,)]
    if readers and all(step.tensor.name in found and step.expr.has(sp.Sum) for step in readers):
        found |= {t.name for t in program.inputs if t.name == "x" and _is_narrow(t, samples, narrow)}
    return frozenset(found)


def _is_narrow(tensor: Tensor, samples: sp.Symbol, narrow: int) -> bool:
    return len(tensor.shape) == 2 and tensor.shape[0] == samples and bool(tensor.shape[1] <= narrow)


def vectors(tensors: Mapping[str, Tensor], samples: sp.Symbol) -> frozenset[str]:
    """Return the tensors that have an axis for the samples: of one sample, each of them is a vector."""
    return frozenset(name for name, tensor in tensors.items() if tensor.shape[:1] == (samples,))


def tiled(numbers: int, products: int, additive: bool) -> bool:
    """Whether a large batch is cut into pieces.

    Parameters
    ----------
    numbers : int
        What a batch keeps in memory for each sample beside ``x`` and ``y``.
    products : int
        How many multiplications the matrix products take for each sample.
    additive : bool
        Whether the results for the pieces add up to those for the batch.
    """
    return additive and numbers >= TILED_FROM and products <= TILED_TO * numbers


def products(sizes: Sequence[int]) -> int:
    """Return how many multiplications the matrix products of a network take for each sample.

    Parameters
    ----------
    sizes : sequence of int
        Inputs, then the units of each layer.
    """
    layers = [m * n for m, n in pairwise(sizes)]
    return 3 * sum(layers) - layers[0]


def samples_in_one_piece(numbers: int) -> int:
    """Return the number of samples from which the arrays of a batch are parts of one piece of memory."""
    return -(-ONE_PIECE_FROM // max(numbers, 1))
