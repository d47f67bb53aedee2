"""Why an assignment is wrong: a single edit of its own expression that gives the value it should have."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

import numpy as np

from derive.check.code.naming import hint_of
from derive.check.code.shapes import Array, agree

MOST_EDITS = 600
_OPERATORS: Mapping[type[ast.operator], Callable[[Array, Array], Array]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
    ast.MatMult: np.matmul,
    ast.Pow: np.power,
}
_FUNCTIONS: Mapping[str, Callable[..., Array]] = {
    **{name: getattr(np, name) for name in ("dot", "outer", "matmul", "multiply", "sum", "exp", "square")},
    **{name: getattr(np, name) for name in ("log", "tanh", "mean", "add", "subtract", "transpose")},
}

_LIES: Mapping[str, tuple[int, int]] = {"column": (-1, 1), "row": (1, -1)}
_SUMS: Mapping[str, Callable[..., Array]] = {"sum": np.sum, "mean": np.mean}


class Fix(NamedTuple):
    """The kind of mistake that an edit undoes, and what it is in words."""

    code: str
    words: str


@dataclass(frozen=True)
class Expression:
    """What a statement computes.

    Attributes
    ----------
    node : ast.expr
    values : mapping
        The values, one for each run, of names, elements and calls in it, by their text without blanks.
    pool : mapping
        The values of other quantities that the code has computed, by their names in the derivation.
    update : bool
        Whether it is an update of a parameter.
    known_wrong : frozenset of str
        Texts of what another mistake has made; to put the right value there is no explanation.
    """

    node: ast.expr
    values: Mapping[str, Sequence[Array]]
    pool: Mapping[str, Sequence[Array]]
    update: bool = False
    known_wrong: frozenset[str] = frozenset()


def fix_of(expression: Expression, expected: Sequence[Array]) -> Fix | None:
    """Return the first edit of an expression after which it has the expected value in every run."""
    for fix, results in tried(expression, len(expected)):
        if all(agree(r, e) for r, e in zip(results, expected, strict=True)):
            return fix
    return None


def tried(expression: Expression, runs: int) -> Iterator[tuple[Fix, list[Array]]]:
    """Yield the edits of an expression, each with the values that it then has in every run."""
    for fix, node in islice(edits(expression), MOST_EDITS):
        results = [value for run in range(runs) if (value := value_of(node, expression, run)) is not None]
        if len(results) == runs:
            yield fix, results


def value_of(node: ast.expr, expression: Expression, run: int) -> Array | None:
    """Return the value of an expression in one run, None where it has none."""
    try:
        with np.errstate(all="ignore"):
            return np.asarray(_compute(node, expression, run), dtype=float)
    except (ValueError, KeyError, TypeError, IndexError, RecursionError, OverflowError):
        return None


def _compute(node: ast.expr, expression: Expression, run: int) -> Array:
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        return np.asarray(float(node.value))
    if isinstance(node, ast.Name) and node.id.startswith("?"):
        name, _, lies = node.id[1:].partition("|")
        found = np.asarray(expression.pool[name][run])
        return found.reshape(_LIES[lies]) if lies else found
    if isinstance(node, ast.BinOp):
        first, second = (_compute(side, expression, run) for side in (node.left, node.right))
        return _OPERATORS[type(node.op)](*_alike(first, second))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_compute(node.operand, expression, run)
    if isinstance(node, ast.Attribute) and node.attr == "T":
        return _compute(node.value, expression, run).T
    key = text_of(node)
    if key in expression.values:
        return np.asarray(expression.values[key][run])
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _SUMS:
        options = {k.arg: ast.literal_eval(k.value) for k in node.keywords if k.arg in ("axis", "keepdims")}
        if len(options) == len(node.keywords) and len(node.args) == 1:
            return np.asarray(_SUMS[node.func.attr](_compute(node.args[0], expression, run), **options))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and not node.keywords:
        arguments = [_compute(argument, expression, run) for argument in node.args]
        if node.func.attr in _FUNCTIONS:
            return np.asarray(_FUNCTIONS[node.func.attr](*arguments))
    raise KeyError(key)


def _alike(first: Array, second: Array) -> tuple[Array, Array]:
    """Return a vector of the derivation in the shape of the document's, where there is one of each."""
    if first.ndim == 1 and second.ndim == 2 and 1 in second.shape and first.size == second.size:
        return first.reshape(second.shape), second
    if second.ndim == 1 and first.ndim == 2 and 1 in first.shape and first.size == second.size:
        return first, second.reshape(first.shape)
    return first, second


def text_of(node: ast.AST) -> str:
    """Return the text by which values are kept."""
    return ast.unparse(node).replace(" ", "")


def edits(expression: Expression) -> Iterator[tuple[Fix, ast.expr]]:
    """Yield the edits of an expression, with what each turns it into."""
    node = expression.node
    yield from _other_axes(node)
    sign = "update-sign" if expression.update else "sign"
    places = list(_places(node))
    for old in places:
        if isinstance(old, ast.BinOp) and isinstance(old.op, (ast.Add, ast.Sub)):
            other: ast.operator = ast.Sub() if isinstance(old.op, ast.Add) else ast.Add()
            yield Fix(sign, "a sign is turned"), _put(node, old, ast.BinOp(old.left, other, old.right))
        if isinstance(old, ast.UnaryOp):
            yield Fix(sign, "the minus sign is too much"), _put(node, old, old.operand)
    yield Fix(sign, "the sign is turned"), ast.UnaryOp(ast.USub(), node)
    for old in places:
        if isinstance(old, ast.Attribute) and old.attr == "T":
            yield Fix("transpose", "the transpose does not belong here"), _put(node, old, old.value)
        elif isinstance(old, (ast.Name, ast.Attribute, ast.Subscript)):
            turned = ast.Attribute(old, "T", ast.Load())
            yield Fix("transpose", f"{ast.unparse(old)} should be transposed"), _put(node, old, turned)
    yield from _names(expression, places)
    for old in places:
        if isinstance(old, ast.BinOp) and isinstance(old.op, (ast.Mult, ast.MatMult, ast.Div)):
            words = f"the factor {ast.unparse(old.right)} is too many"
            yield Fix("surplus-factor", words), _put(node, old, old.left)
            if not isinstance(old.op, ast.Div):
                words = f"the factor {ast.unparse(old.left)} is too many"
                yield Fix("surplus-factor", words), _put(node, old, old.right)
            swap: ast.operator = ast.MatMult() if isinstance(old.op, ast.Mult) else ast.Mult()
            kind = "a matrix product" if isinstance(old.op, ast.Mult) else "elementwise"
            words = f"the product should be {kind}"
            yield Fix("shape", words), _put(node, old, ast.BinOp(old.left, swap, old.right))
        if isinstance(old, ast.BinOp) and isinstance(old.op, (ast.Add, ast.Sub)):
            words = f"the term {ast.unparse(old.right)} is too many"
            yield Fix("other", words), _put(node, old, old.left)
    yield from _missing(expression, places)


def _names(expression: Expression, places: Sequence[ast.expr]) -> Iterator[tuple[Fix, ast.expr]]:
    """Put one quantity in the place of another."""
    for old in places:
        if (
            not isinstance(old, (ast.Name, ast.Attribute, ast.Subscript))
            or text_of(old) not in expression.values
        ):
            continue
        if text_of(old) in expression.known_wrong:
            continue
        everywhere = [other for other in places if text_of(other) == text_of(old)]
        for name in expression.pool:
            code, words = _confused(old, name), f"{name} belongs here, not {ast.unparse(old)}"
            new = ast.Name(f"?{name}{_lies(expression, old, name)}", ast.Load())
            yield Fix(code, words), _put(expression.node, old, new)
            if old is everywhere[0] and len(everywhere) > 1:
                changed = expression.node
                for other in everywhere:
                    changed = _put(changed, other, new)
                yield Fix(code, words), changed


def _lies(expression: Expression, old: ast.expr, name: str) -> str:
    """Return which way a vector has to lie in the place of another one."""
    shape, size = np.shape(expression.values[text_of(old)][0]), np.ndim(expression.pool[name][0])
    return next(
        (f"|{k}" for k, v in _LIES.items() if size == 1 and len(shape) == 2 and shape[v.index(1)] == 1), ""
    )


def _confused(old: ast.expr, name: str) -> str:
    """Return the kind of mistake by which one thing stands where a quantity belongs."""
    if not isinstance(old, ast.Subscript) or not _is_counted(old.slice):
        return "wrong-variable"
    if isinstance(old.value, ast.Attribute) and old.value.attr == "T":
        return "transpose"
    array, belongs = hint_of(ast.unparse(old.value)), hint_of(name.partition("[")[0])
    if array is None or belongs is None:
        return "index"
    same = array.kind == belongs.kind and array.layer in (None, belongs.layer)
    return "index" if same else "wrong-variable"


def _is_counted(node: ast.expr) -> bool:
    """Whether an index counts, and is no key of a dictionary and no slice."""
    return not any(
        isinstance(part, ast.Slice) or (isinstance(part, ast.Constant) and isinstance(part.value, str))
        for part in ast.walk(node)
    )


def _other_axes(node: ast.expr) -> Iterator[tuple[Fix, ast.expr]]:
    """Sum over another axis."""
    for old in _places(node):
        if not isinstance(old, ast.Call) or not isinstance(old.func, ast.Attribute):
            continue
        for keyword in old.keywords:
            if keyword.arg != "axis" or not isinstance(keyword.value, ast.Constant):
                continue
            axis = 1 if keyword.value.value == 0 else 0
            others = [k for k in old.keywords if k is not keyword]
            changed = ast.Call(old.func, old.args, [*others, ast.keyword("axis", ast.Constant(axis))])
            words = f"{ast.unparse(old)} sums over the wrong axis: axis={axis}"
            yield Fix("index", words), _put(node, old, changed)


def _missing(expression: Expression, places: Sequence[ast.expr]) -> Iterator[tuple[Fix, ast.expr]]:
    """Multiply by what may be missing, or add it."""
    node = expression.node
    one = ast.Constant(1)
    targets = [node, *(old for old in places if old is not node and isinstance(old, ast.BinOp))]
    for factor in (2.0, 0.5):
        words = f"a factor {factor:g} is missing"
        yield Fix("loss-factor", words), ast.BinOp(ast.Constant(factor), ast.Mult(), node)
    for name in expression.pool:
        found = ast.Name(f"?{name}", ast.Load())
        rest = ast.BinOp(one, ast.Sub(), found)
        slope = ast.BinOp(found, ast.Mult(), rest)
        for target in targets:
            for code, factor_node, words in (
                ("missing-activation-derivative", slope, f"the derivative of the activation at {name}"),
                ("missing-activation-derivative", rest, f"the factor 1 - {name}"),
                ("missing-factor", found, f"the factor {name}"),
            ):
                times = ast.BinOp(target, ast.Mult(), factor_node)
                yield Fix(code, f"{words} is missing"), _put(node, target, times)
        if expression.update:
            last = node.right if isinstance(node, ast.BinOp) else node
            times = ast.BinOp(last, ast.Mult(), found)
            yield Fix("missing-factor", f"the factor {name} is missing"), _put(node, last, times)
    atoms = [old for old in places if isinstance(old, (ast.Name, ast.Attribute, ast.Subscript, ast.Constant))]
    for target in (*targets, *atoms):
        for name in expression.pool:
            found = ast.Name(f"?{name}", ast.Load())
            for op, words in ((ast.Sub(), "-"), (ast.Add(), "+")):
                fix = Fix("missing-term", f"the term {words} {name} is missing")
                yield fix, _put(node, target, ast.BinOp(target, op, found))


def _places(node: ast.expr) -> Iterator[ast.expr]:
    """Yield an expression and its parts, but not what is inside of indices and called functions."""
    yield node
    if isinstance(node, ast.BinOp):
        yield from _places(node.left)
        yield from _places(node.right)
    elif isinstance(node, ast.UnaryOp):
        yield from _places(node.operand)
    elif isinstance(node, ast.Attribute) and node.attr == "T":
        yield from _places(node.value)
    elif isinstance(node, ast.Call):
        for argument in node.args:
            yield from _places(argument)


def _put(whole: ast.expr, old: ast.expr, new: ast.expr) -> ast.expr:
    """Return an expression with one part of it replaced."""
    if whole is old:
        return new
    changed = copy.copy(whole)
    if isinstance(changed, ast.BinOp):
        changed.left, changed.right = (_put(side, old, new) for side in (changed.left, changed.right))
    elif isinstance(changed, ast.UnaryOp):
        changed.operand = _put(changed.operand, old, new)
    elif isinstance(changed, ast.Attribute) and changed.attr == "T":
        changed.value = _put(changed.value, old, new)
    elif isinstance(changed, ast.Call):
        changed.args = [_put(argument, old, new) for argument in changed.args]
    return changed
