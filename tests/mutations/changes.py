"""Every change of a formula that an entry of the catalogue makes, at every place of it."""

SLOPE = "missing-activation-derivative"


def changes(left, text, tree, oracle):
    """Yield every change: the entry that it is of, other names for it, and the side as it is then."""
    whole = (left, text, tree, oracle)
    for change in (
        _signs,
        _indices,
        _transposes,
        _factors,
        _variables,
        _terms,
        _constants,
        _products,
        _slopes,
    ):
        yield from change(*whole)


def _put(text, start, end, new):
    return text[:start] + new + text[end:]


def _about(left, oracle):
    """Tell what the left side is: an update, a derivative of the loss, the delta, or something else."""
    if r"\mathrm{new}" in left:
        return "update"
    loss = oracle.names.letters["L"]
    if left.startswith(rf"\frac{{\partial {loss}}}"):
        return "gradient"
    return "delta" if left.startswith(oracle.names.letters["dz"]) else "loss" if left == loss else ""


def _signs(left, text, tree, oracle):
    about = _about(left, oracle)
    delta = oracle.names.letters["dz"]
    negative = oracle.notation.delta == "negative-gradient" and about == "gradient" and delta in text
    for node in tree.walk():
        if node.kind != "sum":
            continue
        for n, (sign, part) in enumerate(zip(node.ops, node.parts, strict=True)):
            if node.kind == "sum" and n == 0 and sign == "+":
                changed = _put(text, node.start, node.start, "-")
            elif n == 0:
                changed = _put(text, node.start, node.start + 1, "")
            else:
                place = text.rindex(sign, node.parts[n - 1].end, part.start)
                changed = _put(text, place, place + 1, "+" if sign == "-" else "-")
            outer = node is tree and len(node.parts) == 1
            kind = (
                "negated-gradient" if negative and outer else "update-sign" if about == "update" else "sign"
            )
            yield kind, {"sign"} if kind == "negated-gradient" else set(), changed
    if tree.kind != "sum":
        kind = "negated-gradient" if negative else "sign"
        yield kind, {"sign"} if negative else set(), "-" + text


def _indices(_, text, tree, oracle):
    names = [node for node in tree.walk() if node.kind == "name"]
    parsed = [(node, oracle.names.apart(node.text)) for node in names if not _is_letter(node, tree)]
    letters = {i for _, name in parsed for i in name.at if i.isalpha()}
    numbers = {i for _, name in parsed for i in name.at if i.isdigit()}
    for node, name in parsed:
        layers = len(oracle.network.layers)
        for layer in (name.layer - 1, name.layer + 1) if name.layer is not None else ():
            if 1 <= layer <= layers and name.role != "out":
                new = oracle.names.together(name.role, layer, name.at)
                yield "index", {"wrong-variable"}, _put(text, node.start, node.end, new)
        for k, index in enumerate(name.at):
            if len(index) > 1:
                continue
            choices = sorted(letters if index.isalpha() else numbers | _near(index))
            for choice in choices:
                if choice == index:
                    continue
                at = (*name.at[:k], choice, *name.at[k + 1 :])
                new = oracle.names.together(name.role, name.layer, at)
                yield (
                    "index",
                    {"transpose"} if name.role == "W" else set(),
                    _put(text, node.start, node.end, new),
                )
        if len(name.at) == 2 and all(len(i) == 1 for i in name.at):
            new = oracle.names.together(name.role, name.layer, name.at[::-1])
            yield "index", {"transpose"}, _put(text, node.start, node.end, new)
    for node in tree.walk():
        if node.kind != "big" or not all(node.ops):
            continue
        old = f"_{{{node.text}={node.ops[0]}}}^{{{node.ops[1]}}}"
        start = text.index(old, node.start)
        for low, high in ((1, 0), (0, -1), (-1, 0), (0, 1)):
            first, last = int(node.ops[0]) + low, int(node.ops[1]) + high
            if 0 <= first <= last:
                new = f"_{{{node.text}={first}}}^{{{last}}}"
                yield "index", {"missing-term"}, _put(text, start, start + len(old), new)


def _is_letter(node, tree):
    return len(node.text) == 1 and any(n.kind == "big" and n.text == node.text for n in tree.walk())


def _near(index):
    return {str(int(index) + step) for step in (-1, 1) if int(index) + step >= 0}


def _transposes(_, text, tree, oracle):
    turned = set()
    for node in tree.walk():
        inner = node.parts[0] if node.parts else None
        if node.kind == "transpose":
            turned.add(id(inner))
            yield "transpose", {"shape"}, _put(text, inner.end, node.end, "")
        elif (
            node.kind == "name"
            and id(node) not in turned
            and (name := oracle.names.apart(node.text)).role == "W"
            and not name.at
        ):
            yield "transpose", {"shape"}, _put(text, node.start, node.end, f"({node.text})^{{\\mathsf{{T}}}}")


def _factors(_, text, tree, oracle):
    for node in tree.walk():
        if node.kind != "product":
            continue
        matrices = _is_matrix(node, oracle)
        for n, part in enumerate(node.parts):
            slope = (part.kind == "call" and part.text == "'") or _is_slope(part, oracle)
            if n == 0:
                without = _put(text, part.start, node.parts[1].start, "")
            else:
                without = _put(text, node.parts[n - 1].end, part.end, "")
            half = _is_constant(part)
            kind = "loss-factor" if half else SLOPE if slope else "missing-factor"
            others = {"missing-factor"} if half or _is_slope(part, oracle) else set()
            yield kind, others, without
            if not matrices or node.ops[max(n - 1, 0)] == r"\odot":
                op = r" \odot " if matrices else " "
                again = text[part.start : part.end]
                others = {"loss-factor"} if half else set()
                yield "surplus-factor", others, _put(text, part.end, part.end, op + again)


def _is_constant(node):
    return not any(part.kind in ("name", "partial") for part in node.walk())


def _is_slope(node, oracle):
    """Tell a derivative of the activation that is written as a partial derivative."""
    if node.kind != "partial":
        return False
    above, below = (oracle.names.apart(part.text) for part in node.parts)
    return above.role in ("a", "out") and below.role == "z"


def _is_matrix(node, oracle):
    names = [oracle.names.apart(n.text) for n in node.walk() if n.kind == "name" and len(n.text) > 1]
    whole = [n for n in names if not n.at and n.role not in ("L", "eta")]
    return bool(whole)


_SWAPS = {"z": ("a",), "a": ("z", "y"), "y": ("a",), "out": ("y", "z"), "x": ("y",)}


def _variables(_, text, tree, oracle):
    layers = len(oracle.network.layers)
    inside = {id(part) for node in tree.walk() if node.kind == "partial" for part in node.parts}
    for node in tree.walk():
        if node.kind != "name" or id(node) in inside or _is_letter(node, tree):
            continue
        name = oracle.names.apart(node.text)
        for role in _SWAPS.get(name.role, ()):
            layer = layers if name.layer is None else name.layer
            if role == "a" and layer == layers and oracle.notation.output:
                role = "out"
            new = oracle.names.together(role, layer, name.at)
            yield (
                "wrong-variable",
                {"index"} if role == name.role else set(),
                _put(text, node.start, node.end, new),
            )


def _terms(left, text, tree, oracle):
    for node in tree.walk():
        if node.kind != "sum" or len(node.parts) < 2:
            continue
        for n, part in enumerate(node.parts):
            if n == 0:
                place = node.start
                keep = node.ops[1] == "-"
                next_sign = text.index(node.ops[1], part.end)
                without = _put(text, place, next_sign + (not keep), "")
            else:
                without = _put(text, node.parts[n - 1].end, part.end, "")
            yield "missing-term", set(), without
            again = f" {'+' if n == 0 and node.ops[0] == '+' else node.ops[n]} {text[part.start : part.end]}"
            yield "other", set(), _put(text, node.end, node.end, again)
    del left, oracle


def _constants(left, text, tree, oracle):
    if _about(left, oracle) not in ("gradient", "delta", "loss"):
        return
    start = tree.parts[0].start if tree.kind == "sum" and len(tree.parts) == 1 else tree.start
    if tree.kind == "sum" and len(tree.parts) > 1:
        yield "loss-factor", {"surplus-factor"}, f"2 ({text})"
        yield "loss-factor", {"missing-factor"}, rf"\frac{{1}}{{2}} ({text})"
    else:
        yield "loss-factor", {"surplus-factor"}, _put(text, start, start, "2 ")
        yield "loss-factor", {"missing-factor"}, _put(text, start, start, r"\frac{1}{2} ")


def _products(_, text, tree, oracle):
    for node in tree.walk():
        if node.kind != "product" or not _is_matrix(node, oracle):
            continue
        for n, op in enumerate(node.ops):
            # Two vectors that lie alike, side by side, can only be meant element by element, and are read so.
            if op != r"\odot":
                between = (node.parts[n].end, node.parts[n + 1].start)
                yield "shape", {"transpose"}, _put(text, *between, r" \odot ")


def _slopes(_, text, tree, __):
    for node in tree.walk():
        if node.kind == "call" and node.text == "'":
            place = text.index("'", node.start)
            yield SLOPE, {"wrong-variable"}, _put(text, place, place + 1, "")
