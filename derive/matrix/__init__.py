"""Matrix algebra recognised in index notation, and proved equal to it."""

from derive.matrix.proof import holds
from derive.matrix.recogniser import matrix_form
from derive.matrix.tree import (
    Broadcast,
    Elementwise,
    Form,
    Hadamard,
    Name,
    Plus,
    PrependOne,
    Product,
    Scalar,
    SumOver,
    Tail,
    Transpose,
    transposed,
)

__all__ = [
    "Broadcast",
    "Elementwise",
    "Form",
    "Hadamard",
    "Name",
    "Plus",
    "PrependOne",
    "Product",
    "Scalar",
    "SumOver",
    "Tail",
    "Transpose",
    "holds",
    "matrix_form",
    "transposed",
]
