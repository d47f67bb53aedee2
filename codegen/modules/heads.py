"""Functions that the generated code computes in one call, beside those of `derive.functions`."""

from __future__ import annotations

from derive.functions import Call


class ExpMinus(Call):
    """``exp(-u)``, held below overflow: where ``u`` is far below 0, the largest value that is safe.

    With ``e = ExpMinus(u)``, ``1 / (1 + e)`` is the sigmoid of ``u`` and ``e / (1 + e)`` that of ``-u``, both
    to all digits, down to the smallest normal number.
    """

    nargs = 1


class ExpHeld(Call):
    """``exp(u)``, held below overflow: where ``u`` is large, the largest value that is safe.

    With ``e = ExpHeld(u)`` and ``s = 1 + e``, ``e / s`` is the sigmoid of ``u`` and ``1 / s`` that of ``-u``,
    both to all digits, down to the smallest normal number: one pass over an array less than with `ExpMinus`.
    """

    nargs = 1


class ExpMinusAbs(Call):
    """``exp(-|u|)``, which never overflows."""

    nargs = 1


class Log1p(Call):
    """``log(1 + u)``, without loss of digits where ``u`` is small."""

    nargs = 1


class Dot(Call):
    """The matrix product of two arrays."""

    nargs = 2


class Turned(Call):
    """The transpose of an array."""

    nargs = 1


class SumRows(Call):
    """The sum over the first axis, the samples."""

    nargs = 1


class SumColumns(Call):
    """The sum over the last axis; the axis stays, with length 1."""

    nargs = 1


class SumAll(Call):
    """The sum over both axes."""

    nargs = 1


class LargestInRow(Call):
    """The largest value along the last axis; the axis stays, with length 1."""

    nargs = 1


class WithOne(Call):
    """An array with a column of ones before it."""

    nargs = 1


class Tail(Call):
    """An array without its first column."""

    nargs = 1


class Einsum(Call):
    """``np.einsum``: the subscripts as a symbol, then the operands."""


class Inner(Call):
    """The sum of the products of two arrays, element by element."""

    nargs = 2


# Arrays that lie turned, with a row for each unit and a column for each sample, and vectors, one sample.


class AsColumn(Call):
    """An array of one axis as a column."""

    nargs = 1


class SumAcross(Call):
    """The sum over the last axis, the samples."""

    nargs = 1


class SumDown(Call):
    """The sum over the first axis, the units; the axis goes."""

    nargs = 1


class LargestDown(Call):
    """The largest value along the first axis, the units; the axis goes."""

    nargs = 1


class WithOneAbove(Call):
    """An array with a one, or a row of ones, before it."""

    nargs = 1


class TailBelow(Call):
    """An array without its first entry, or its first row."""

    nargs = 1


class Augmented(Call):
    """An array over a row of ones, of which the array is a part."""

    nargs = 1


class AugmentedRows(Call):
    """A copy of an array beside a column of ones."""

    nargs = 1


class AugmentedWeights(Call):
    """Weights over a row of biases."""

    nargs = 2


class InnerOfVectors(Call):
    """The inner product of two vectors."""

    nargs = 2


class Outer(Call):
    """The products of the entries of two vectors."""

    nargs = 2
