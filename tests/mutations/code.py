"""Programs with one thing broken: the source is changed, run, and kept if it computes something else."""

import ast
import warnings

import numpy as np

from mutations.changes import SLOPE
from mutations.formulas import Broken

SWAPS = (
    ("z1", "a1"),
    ("z2", "a2"),
    ("a1", "z1"),
    ("a2", "z2"),
    ("a2", "y"),
    ("a2", "t"),
    ("y", "a2"),
    ("t", "a2"),
)


def broken(source):
    """Yield each mistake with its line and columns: ``(Broken, line, start, end)``."""
    true = computed(source)
    for kind, others, node, new in _changes(ast.parse(source), source):
        first, last = _offsets(source, node)
        changed = source[:first] + new + source[last:]
        if changed == source or not _differs(true, changed):
            continue
        start = node.col_offset + 1
        yield Broken(kind, frozenset({kind, *others}), changed), node.lineno, start, start + len(new)


def computed(source):
    """Run one of this package's own programs and return all numbers that it leaves behind."""
    names = {}
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        exec(compile(source, "program", "exec"), names)  # noqa: S102  written here, changed here
    found = {}
    for name, value in names.items():
        inner = vars(value) if type(value).__name__ == "Network" else {"": value}
        for key, item in inner.items():
            for n, part in enumerate(item if isinstance(item, list) else [item]):
                if isinstance(part, (float, np.ndarray)):
                    found[f"{name}.{key}[{n}]"] = np.array(part, dtype=float)
    return found


def _differs(true, source):
    try:
        other = computed(source)
    except Exception:
        return False
    return any(
        key not in other
        or other[key].shape != value.shape
        or not np.allclose(other[key], value, rtol=1e-7, atol=1e-12)
        for key, value in true.items()
    )


def _offsets(source, node):
    lines = source.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    return starts[node.lineno - 1] + node.col_offset, starts[node.end_lineno - 1] + node.end_col_offset


def _changes(tree, source):
    for statement in ast.walk(tree):
        if not isinstance(statement, (ast.Assign, ast.AugAssign)) or _is_given(statement):
            continue
        target = ast.unparse(
            statement.target if isinstance(statement, ast.AugAssign) else statement.targets[0]
        )
        update = "W" in target.replace("dW", "") or target.split(".")[-1].startswith("b")
        update = update and any(w in ast.unparse(statement.value) for w in ("eta", "lr", "learning_rate"))
        if isinstance(statement, ast.AugAssign) and update:
            op = "-=" if isinstance(statement.op, ast.Sub) else "+="
            text = ast.get_source_segment(source, statement)
            yield "update-sign", {"sign"}, statement, text.replace(op, "+=" if op == "-=" else "-=", 1)
        skip = {
            id(part)
            for node in ast.walk(statement)
            if isinstance(node, ast.Subscript)
            for part in ast.walk(node.slice)
        }
        for node in ast.walk(statement.value):
            if id(node) not in skip:
                yield from _of_node(node, source, target, update)
        yield from _constants(statement, source, target)
    yield from _of_functions(tree, source)


def _is_given(statement):
    return not any(isinstance(node, (ast.Name,)) and node.id != "np" for node in ast.walk(statement.value))


def _of_functions(tree, source):
    """Break what the helpers return: the derivative of the activation."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef) and ("deriv" in function.name or "prime" in function.name):
            value = function.body[-1].value
            if isinstance(value, ast.BinOp):
                yield "missing-factor", {SLOPE}, value, ast.get_source_segment(source, value.left)


def _of_node(node, source, target, update):
    text = lambda part: ast.get_source_segment(source, part)  # noqa: E731  short, and local
    if isinstance(node, ast.BinOp):
        left, right = text(node.left), text(node.right)
        gap = source[_offsets(source, node.left)[1] : _offsets(source, node.right)[0]]
        whole = text(node)
        kept_left = whole[: whole.index(left) + len(left) + gap.count(")")] if ")" in gap else left
        if isinstance(node.op, (ast.Add, ast.Sub)):
            sign = "+" if isinstance(node.op, ast.Sub) else "-"
            kind = "update-sign" if update else "sign"
            yield (
                kind,
                {"sign"},
                node,
                whole[: len(whole) - len(_tail(whole, gap, right))]
                + _tail(whole, gap, right).replace("-" if sign == "+" else "+", sign, 1),
            )
            if not update:
                yield "missing-term", {"other", "wrong-variable", SLOPE}, node, kept_left
        if isinstance(node.op, (ast.Mult, ast.MatMult)):
            slope = _is_slope(node.right)
            tail = _tail(whole, gap, right)
            if isinstance(node.op, ast.Mult):
                kind = SLOPE if slope else "missing-factor"
                yield kind, {SLOPE, "missing-factor"}, node, whole[: len(whole) - len(tail)]
                if not update:
                    yield "surplus-factor", {"loss-factor"}, node, whole + tail
            swap = tail.replace("*", "@", 1) if isinstance(node.op, ast.Mult) else tail.replace("@", "*", 1)
            yield "shape", {"transpose", "other"}, node, whole[: len(whole) - len(tail)] + swap
    if isinstance(node, ast.Attribute) and node.attr == "T":
        yield "transpose", {"shape"}, node, text(node.value)
    name = (
        text(node)
        if isinstance(node, (ast.Name, ast.Attribute))
        and not isinstance(getattr(node, "ctx", None), ast.Store)
        else ""
    )
    short = name.split(".")[-1]
    for old, new in SWAPS:
        if (
            short == old
            and new not in ast.unparse(ast.parse(target))
            and (new not in ("y", "t") or f"{new} =" in source)
        ):
            yield "wrong-variable", set(), node, name[: -len(short)] + new
    if (
        isinstance(node, ast.Call)
        and text(node.func).split(".")[-1] in ("sigmoid", "sigma")
        and len(node.args) == 1
    ):
        yield "other", {SLOPE, "wrong-variable", "missing-factor"}, node, text(node.args[0])
    if isinstance(node, ast.Name) and short in ("W1", "W2"):
        yield "transpose", {"shape"}, node, f"{name}.T"


def _tail(whole, gap, right):
    """Return the operator and the right operand of a binary operation, as written."""
    return whole[whole.rindex(gap.lstrip(")") + right) :]


def _is_slope(node):
    text = ast.unparse(node)
    return "deriv" in text or "prime" in text or text.startswith("1 - ")


def _constants(statement, source, target):
    about_loss = any(word in target for word in ("delta", "dz", "dW", "db", "loss", "L"))
    for node in ast.walk(statement.value):
        inside = isinstance(node, ast.Subscript) and isinstance(node.slice, (ast.Constant, ast.Tuple))
        if inside:
            parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            for part in parts:
                if isinstance(part, ast.Constant) and isinstance(part.value, int):
                    for other in (part.value - 1, part.value + 1):
                        if other >= 0:
                            yield "index", {"wrong-variable"}, part, str(other)
            names = [part for part in parts if isinstance(part, ast.Name)]
            if len(names) == 2:
                first, second = (part.id for part in names)
                text = ast.get_source_segment(source, node.value)
                yield "index", {"transpose"}, node, f"{text}[{second}, {first}]"
    value = ast.get_source_segment(source, statement.value)
    if about_loss and not isinstance(statement.value, ast.Name):
        yield "loss-factor", {"surplus-factor"}, statement.value, f"2 * ({value})"
        yield "loss-factor", {"surplus-factor", "missing-factor"}, statement.value, f"0.5 * ({value})"
        yield "sign", {"negated-gradient", "update-sign"}, statement.value, f"-({value})"
