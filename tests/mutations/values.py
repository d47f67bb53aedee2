"""What a formula comes to, at random numbers: the judge of whether a change changes anything."""

import re
from itertools import product

import numpy as np

from mutations.arithmetic import ELEMENTWISE, jacobian, times
from mutations.points import example_of, points_of, slopes_of
from mutations.spelling import Names, NoValueError, Spelled


class Oracle:
    """Computes the sides of claims about one network at random points."""

    def __init__(self, spec):
        self.network, self.notation = spec.network, spec.notation
        self.names = Names(spec.notation)
        self.points = points_of(spec.network)
        self.example = example_of(spec)
        self.slopes = slopes_of(spec, self.example)
        self.shown = [float(v) for value in self.example.values() for v in np.ravel(value)] + self.slopes
        self.column = spec.network.layout == "column"

    def folded(self, layer):
        return self.network.bias_of(layer) == "folded"

    def tensor(self, name, point):
        """Return a canonical tensor and the number of its first element along each axis."""
        base = self.notation.base
        role, layer = name.role, name.layer
        if role == "out":
            role, layer = "a", len(self.network.layers)
        if role == "a" and layer == 0:
            role, layer = "x", None
        if layer is not None and not 1 <= layer <= len(self.network.layers) and role != "X":
            raise NoValueError("no such layer")
        if role == "X":
            inner = point["x"] if layer == 1 else point.get(f"a{layer - 1}")
            if inner is None:
                raise NoValueError("no such layer")
            return np.concatenate([[1.0], inner]), (0,)
        if role == "dz":
            sign = -1.0 if self.notation.delta == "negative-gradient" else 1.0
            return sign * point[f"dz{layer}"], (base,)
        key = role if role in ("x", "y", "L", "eta") else f"{role}{layer}"
        if key not in point:
            raise NoValueError(f"no {key}")
        value = np.asarray(point[f"{key}_new" if name.updated else key], dtype=float)
        if role == "W":
            first = (base, 0 if self.folded(layer) else base)
            return value, first if self.column else first[::-1]
        return value, (base,) * value.ndim

    def ranges(self, trees):
        """Return the values of the letters that are free in several sides."""
        found, bound = {}, set()
        for tree in trees:
            for node in tree.walk():
                if node.kind == "big":
                    bound.add(node.text)
                if node.kind == "name":
                    name = self.names.apart(node.text)
                    if not name.at:
                        continue
                    value, first = self.tensor(name, self.points[0])
                    for index, low, count in zip(name.at, first, value.shape, strict=True):
                        if len(index) == 1 and index.isalpha():
                            span = set(range(low, low + count))
                            found[index] = found.get(index, span) & span
        return {k: sorted(v) for k, v in found.items() if k not in bound}

    def values(self, tree, ranges):
        """Return the values of a side for all free letters at all points, None where there are none."""
        results = []
        for point in self.points:
            for numbers in product(*ranges.values()):
                try:
                    value = self.value(tree, point, dict(zip(ranges, numbers, strict=True)))
                    results.append(np.asarray(value, dtype=float))
                except NoValueError:
                    results.append(None)
        return results

    def value(self, node, point, env):
        """Return the value of a node."""
        return getattr(self, f"_{node.kind}")(node, point, env)

    def _number(self, node, _, __):
        return float(node.text)

    def _name(self, node, point, env):
        if node.text in env:
            return float(env[node.text])
        name = self.names.apart(node.text)
        value, first = self.tensor(name, point)
        if name.at:
            if len(name.at) != value.ndim:
                raise NoValueError("a wrong number of indices")
            return float(value[self._places(name.at, first, value.shape, env)])
        if value.ndim == 1:
            return value[:, None] if self.column else value[None, :]
        return value

    def with_stated(self, stated):
        """Return the values of the example with elements as a document states them; None for a batch.

        Parameters
        ----------
        stated
            Pairs of a name in TeX and a number.
        """
        if np.ndim(self.example.get("x")) != 1:
            return None
        point = {key: np.array(value, dtype=float) for key, value in self.example.items()}
        for text, number in stated:
            name = self.names.apart(text)
            value, first = self.tensor(name, point)
            if name.at and len(name.at) == value.ndim:
                value[self._places(name.at, first, value.shape, {})] = number
        return point

    def _places(self, at, first, shape, env):
        places = []
        for index, low, count in zip(at, first, shape, strict=True):
            parts = re.findall(r"([+-]?)([a-z]|[0-9]+)", index)
            number = sum(
                (-1 if sign == "-" else 1) * (int(word) if word.isdigit() else self._letter(word, env))
                for sign, word in parts
            )
            if not low <= number < low + count:
                raise NoValueError("no such index")
            places.append(number - low)
        return tuple(places)

    def _letter(self, letter, env):
        if letter not in env:
            raise NoValueError(f"the index {letter} is free")
        return env[letter]

    def _group(self, node, point, env):
        return self.value(node.parts[0], point, env)

    def _sum(self, node, point, env):
        total = 0.0
        for sign, part in zip(node.ops, node.parts, strict=True):
            value = self.value(part, point, env)
            if np.ndim(total) and np.ndim(value) and np.shape(total) != np.shape(value):
                raise NoValueError("shapes")
            total = total + value if sign == "+" else total - value
        return total

    def _product(self, node, point, env):
        total = self.value(node.parts[0], point, env)
        for op, part in zip(node.ops, node.parts[1:], strict=True):
            total = times(total, self.value(part, point, env), op)
        return total

    def _quotient(self, node, point, env):
        below = self.value(node.parts[1], point, env)
        if np.ndim(below):
            raise NoValueError("division by a matrix")
        return self.value(node.parts[0], point, env) / below

    def _power(self, node, point, env):
        return self.value(node.parts[0], point, env) ** int(node.text)

    def _transpose(self, node, point, env):
        return np.transpose(self.value(node.parts[0], point, env))

    def _slice(self, node, point, env):
        value = self.value(node.parts[0], point, env)
        if node.text == "_{:,1:}":
            return value[:, 1:]
        if node.text == "_{1:,:}":
            return value[1:]
        return value[1:] if self.column else value[:, 1:]

    def _big(self, node, point, env):
        body, letter = node.parts[0], node.text
        allowed = self.ranges([Free(body)]).get(letter)
        if allowed is None:
            raise NoValueError("the sum runs over nothing")
        low = int(node.ops[0]) if node.ops[0] else allowed[0]
        high = int(node.ops[1]) if node.ops[1] else allowed[-1]
        return sum(self.value(body, point, {**env, letter: k}) for k in range(low, high + 1))

    def _call(self, node, point, env):
        inner = self.value(node.parts[0], point, env)
        layer = next((n for c in node.walk() if c.kind == "name" and (n := self._layer_of(c))), 1)
        function = self.network.layers[layer - 1].activation
        if function not in ELEMENTWISE:
            raise NoValueError("an activation that is not elementwise")
        return ELEMENTWISE[function][bool(node.text)](inner)

    def _layer_of(self, node):
        name = self.names.apart(node.text)
        return len(self.network.layers) if name.role == "out" else name.layer

    def _partial(self, node, point, env):
        above, below = (self.names.apart(part.text) for part in node.parts)
        if above.role == "L":
            return self._gradient(below, point, env)
        if not above.at or not below.at:
            raise NoValueError("a derivative of a vector")
        table, first = self._local(above, below, point)
        return float(table[self._places((*above.at, *below.at), first, table.shape, env)])

    def _gradient(self, below, point, env):
        if below.role == "X":
            weights, _ = self.tensor(Spelled("W", below.layer, ()), point)
            value = (weights.T if self.column else weights) @ point[f"dz{below.layer}"]
            first = (0,)
        else:
            layer = len(self.network.layers) if below.role == "out" else below.layer
            role = {"out": "a", "dz": ""}.get(below.role, below.role)
            if f"d{role}{layer or ''}" not in point:
                raise NoValueError("no such derivative")
            value = point[f"d{role}{layer or ''}"]
            first = self.tensor(below, point)[1]
        if below.at:
            if len(below.at) != value.ndim:
                raise NoValueError("a wrong number of indices")
            return float(value[self._places(below.at, first, value.shape, env)])
        return value if value.ndim == 2 else value[:, None] if self.column else value[None, :]

    def _local(self, above, below, point):
        """Return the partial derivatives of one step by what it uses, by their formulas."""
        layers = len(self.network.layers)
        above = Spelled("a", layers, above.at) if above.role == "out" else above
        below = Spelled("a", layers, below.at) if below.role == "out" else below
        one, own = self.tensor(above, point)
        other, firsts = self.tensor(below, point)
        table = np.zeros((*one.shape, *other.shape))
        n = above.layer
        if above == Spelled(above.role, below.layer, above.at) and above.role == below.role:
            table = np.eye(one.size)
        elif (above.role, below.role) == ("a", "z") and n == below.layer:
            table = jacobian(self.network.layers[n - 1].activation, other)
        elif above.role == "z" and below.role == "W" and n == below.layer:
            inner = point["x"] if n == 1 else point[f"a{n - 1}"]
            inner = np.concatenate([[1.0], inner]) if self.folded(n) else inner
            for i in range(one.size):
                table[(i, i) if self.column else (i, slice(None), i)] = inner
        elif above.role == "z" and below.role == "b" and n == below.layer:
            table = np.eye(one.size)
        elif above.role == "z" and (below.role in ("x", "X") or below.layer == n - 1):
            weights, _ = self.tensor(Spelled("W", n, ()), point)
            weights = weights if self.column else weights.T
            if below.role == "X" and below.layer != n:
                raise NoValueError("not one step")
            if below.role not in ("a", "x", "X") or (below.role == "x" and n != 1):
                raise NoValueError("not one step")
            table = weights[:, 1:] if self.folded(n) and below.role != "X" else weights
        else:
            raise NoValueError("not one step")
        return table, (*own, *firsts)


class Free:
    """A tree looked at from inside a sum, where its letter is free."""

    def __init__(self, body):
        self.body = body

    def walk(self):
        return (node for node in self.body.walk() if node.kind != "big")
