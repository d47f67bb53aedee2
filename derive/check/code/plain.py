"""Expressions in operators: ``np.dot(a, b)`` and ``a.dot(b)`` as ``a @ b``, which one edit then fits."""

from __future__ import annotations

import ast
from collections.abc import Mapping

_OPERATORS: Mapping[str, ast.operator] = {
    "dot": ast.MatMult(),
    "matmul": ast.MatMult(),
    "multiply": ast.Mult(),
    "add": ast.Add(),
    "subtract": ast.Sub(),
    "divide": ast.Div(),
    "power": ast.Pow(),
}
_LIBRARIES = ("np", "numpy", "jnp", "math", "torch")


def plain(node: ast.expr) -> ast.expr:
    """Return an expression with its products, sums and transposes written by operators.

    What is not one of them, such as a call of a function of the document, stays as it is.
    """
    if isinstance(node, ast.BinOp):
        return ast.BinOp(plain(node.left), node.op, plain(node.right))
    if isinstance(node, ast.UnaryOp):
        return ast.UnaryOp(node.op, plain(node.operand))
    if isinstance(node, ast.Attribute) and node.attr == "T":
        return ast.Attribute(plain(node.value), "T", ast.Load())
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.keywords:
        return node
    name, owner = node.func.attr, node.func.value
    of_library = isinstance(owner, ast.Name) and owner.id in _LIBRARIES
    operands = node.args if of_library else [owner, *node.args]
    if name in _OPERATORS and len(operands) == 2:
        return ast.BinOp(plain(operands[0]), _OPERATORS[name], plain(operands[1]))
    if name == "transpose" and len(operands) == 1:
        return ast.Attribute(plain(operands[0]), "T", ast.Load())
    if name == "square" and of_library and len(operands) == 1:
        return ast.BinOp(plain(operands[0]), ast.Pow(), ast.Constant(2))
    if of_library:
        return ast.Call(node.func, [plain(argument) for argument in node.args], [])
    return node
