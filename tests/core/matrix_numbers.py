"""Matrix forms computed with floats, a second time and without the prime field; and ways to spoil them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, replace

import numpy as np
import sympy as sp

from derive.arithmetic import FLOAT
from derive.index_arrays import Scope, value_of
from derive.matrix import (
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
)

Path = tuple[tuple[str, int | None], ...]
KINDS = (Name, Scalar, Transpose, Product, Hadamard, Plus, Elementwise, SumOver, Broadcast, PrependOne, Tail)


class DoesNotFitError(Exception):
    """Shapes that matrix algebra does not combine."""


def as_matrix(data: np.ndarray, vectors: str) -> np.ndarray:
    if data.ndim == 1:
        return data.reshape(-1, 1) if vectors == "column" else data.reshape(1, -1)
    return data.reshape(1, 1) if data.ndim == 0 else data


def compute(form: Form, values: Mapping[str, np.ndarray], vectors: str) -> np.ndarray:
    """Return the matrix that a form stands for; `DoesNotFitError` where it stands for none."""

    def of(inner: Form) -> np.ndarray:
        return compute(inner, values, vectors)

    match form:
        case Name(name):
            return as_matrix(values[name], vectors)
        case Scalar(number):
            return np.array([[float(number)]])
        case Transpose(inner):
            return np.swapaxes(of(inner), 0, 1)
        case Product(left, right):
            a, b = of(left), of(right)
            if a.shape[1] != b.shape[0]:
                raise DoesNotFitError
            return np.einsum("ij,jk->ik", a, b)
        case Hadamard(factors):
            return np.prod(np.stack(together([of(f) for f in factors])), axis=0)
        case Plus(terms):
            parts = [of(term) for term in terms]
            whole = together(parts)
            for term, part, wide in zip(terms, parts, whole, strict=True):
                if part.shape != wide.shape and part.size > 1 and not isinstance(term, Broadcast):
                    raise DoesNotFitError
            return sum(whole)
        case SumOver(inner, axis):
            return of(inner).sum(axis, keepdims=True)
        case Broadcast(inner, axis):
            if of(inner).shape[axis] != 1:
                raise DoesNotFitError
            return of(inner)
        case PrependOne(inner, axis):
            return np.insert(of(inner), 0, 1.0, axis)
        case Tail(inner, axis):
            return np.delete(of(inner), 0, axis)
        case Elementwise(expr, slots, inner_forms):
            data = together([of(inner) for inner in inner_forms])
            r, c = sp.symbols("r c", integer=True)
            names = {slot: sp.Indexed(f"_{slot}", r, c) for slot in slots}
            held = {f"_{slot}": d for slot, d in zip(slots, data, strict=True)}
            rows, columns = data[0].shape
            scope = Scope(FLOAT, held, {}).inside(r, 0, rows - 1).inside(c, 0, columns - 1)
            found = value_of(expr.xreplace(names), scope)
            return np.broadcast_to(found.data if found.axes != (c, r) else found.data.T, (rows, columns))
    raise AssertionError(form)


def together(parts: list[np.ndarray]) -> list[np.ndarray]:
    try:
        return list(np.broadcast_arrays(*parts))
    except ValueError:
        raise DoesNotFitError from None


def equals(form: Form, truth: np.ndarray, values: Mapping[str, np.ndarray], vectors: str) -> bool:
    """Whether a form has the value `truth`, at points where an accident is out of the question."""
    truth = as_matrix(truth, vectors)
    try:
        found = compute(form, values, vectors)
    except DoesNotFitError:
        return False
    return found.shape == truth.shape and bool(np.allclose(found, truth, rtol=1e-9, atol=1e-12))


def nodes(form: Form, at: Path = ()) -> Iterator[tuple[Path, Form]]:
    yield at, form
    for f in fields(form):
        value = getattr(form, f.name)
        if isinstance(value, KINDS):
            yield from nodes(value, (*at, (f.name, None)))
        elif isinstance(value, tuple):
            for place, part in enumerate(value):
                if isinstance(part, KINDS):
                    yield from nodes(part, (*at, (f.name, place)))


def put(form: Form, at: Path, new: Form) -> Form:
    """Return the form with another node at a place."""
    if not at:
        return new
    (name, place), *rest = at
    held = getattr(form, name)
    if place is None:
        return replace(form, **{name: put(held, tuple(rest), new)})
    changed = (*held[:place], put(held[place], tuple(rest), new), *held[place + 1 :])
    return replace(form, **{name: changed})


def _some(condition: bool, new: Callable[[], Form]) -> list[Form]:
    return [new()] if condition else []


def spoiled(node: Form) -> list[Form]:
    """Return what a slip of the pen makes of one node; some of it may mean the same."""
    found: list[Form] = [Transpose(node), SumOver(node, 0), SumOver(node, 1), Tail(node, 0), Tail(node, 1)]
    found += [Hadamard((Scalar(sp.Integer(-3)), node)), Hadamard((node, node)), PrependOne(node, 0)]
    match node:
        case Transpose(inner) | SumOver(inner, _) | Tail(inner, _) | PrependOne(inner, _):
            found.append(inner)
        case Broadcast(inner, axis):
            found += [inner, Broadcast(inner, 1 - axis)]
        case Product(left, right):
            found += [Product(right, left), Hadamard((left, right)), left, right]
            found += [Product(Transpose(left), right), Product(left, Transpose(right))]
        case Hadamard(factors) if len(factors) > 1:
            found += [Hadamard(factors[1:]), Product(factors[0], factors[1]), Plus(factors)]
            found.append(Hadamard(factors[::-1]))
        case Plus(terms) if len(terms) > 1:
            found += [Plus(terms[1:]), Plus(terms[:-1]), Hadamard(terms), Plus(terms[::-1])]
        case Elementwise(expr, slots, of) if len(of) > 1:
            found.append(Elementwise(expr, slots, of[::-1]))
    if isinstance(node, SumOver):
        found.append(SumOver(node.of, 1 - node.axis))
    return found
