"""A reader of plain formulas: Python's own parser, and arithmetic over its tree."""

import ast
import math
import operator

OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.Gt: operator.gt,
    ast.Lt: operator.lt,
    ast.Eq: operator.eq,
    ast.LtE: operator.le,
    ast.GtE: operator.ge,
}
FUNCTIONS = {
    "exp": math.exp,
    "log": math.log,
    "tanh": math.tanh,
    "sqrt": math.sqrt,
    "abs": abs,
    "sigmoid": lambda u: 1 / (1 + math.exp(-u)),
}


def value(text, arrays, extent=3):
    """Compute a formula; every sum runs over `extent` terms."""
    return _value(ast.parse(text, mode="eval").body, arrays, {}, extent)


def _value(node, arrays, env, extent):
    def of(inner):
        return _value(inner, arrays, env, extent)

    match node:
        case ast.Constant(value=number):
            return number
        case ast.Name(id=name):
            return env[name] if name in env else arrays[name]
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -of(inner)
        case ast.BinOp(left=left, op=op, right=right):
            return OPERATORS[type(op)](of(left), of(right))
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return OPERATORS[type(op)](of(left), of(right))
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return of(body) if of(test) else of(orelse)
        case ast.Subscript(value=array, slice=ast.Tuple(elts=where)):
            found = of(array)
            for index in where:
                found = found[of(index)]
            return found
        case ast.Subscript(value=array, slice=index):
            return of(array)[of(index)]
        case ast.Call(func=ast.Name(id="sum"), args=[body, *letters]):
            total = 0.0
            for place in range(extent ** len(letters)):
                numbers = {k.id: place // extent**n % extent for n, k in enumerate(letters)}
                total += _value(body, arrays, {**env, **numbers}, extent)
            return total
        case ast.Call(func=ast.Name(id=name), args=[inner]):
            return FUNCTIONS[name](of(inner))
    raise AssertionError(f"what is {ast.dump(node)}?")
