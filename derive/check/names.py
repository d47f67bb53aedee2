"""What the names of a formula stand for: the canonical tensor, its layer and its indices, under a reading.

A `Reading` holds every convention that a document may choose: which letter is what, how vectors lie, where
indices and layers start, what delta is. `resolve` turns a name of the tree into a `Ref` by it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from derive.check.formula.letters import Letters
from derive.check.formula.marks import Ref
from derive.check.formula.resolve import resolve
from derive.network import Network
from derive.notation import Notation
from derive.read.tree import Name, Node

# The customary letters of the field for each role, besides those of the notation.
CUSTOMARY: Mapping[str, str] = MappingProxyType(
    {
        "z": "z Z net in inp pre preactivation logit logits net_input zeta z_in s u v",
        "a": "a A out o O calO h H act activation hidden z_out",
        "W": "W w theta Theta weight weights",
        "b": "b B bias",
        "x": "x input",
        "y": "t y target label true actual y_true y_target T Y",
        "out": "hat-y hat-Y hat-p hat-t y_hat y_pred pred prediction output",
        "delta": "delta",
        "L": "L J C E calL calJ calC calE MSE SSE RSS MAE BCE CE NLL SE"
        " Loss loss Cost cost Error error Err err",
        "eta": "eta alpha lr learning_rate mu epsilon gamma rate step_size",
        "m": "m N n_samples batch_size",
        "size": "n units",
        "X": "X",
    }
)
_OF_NOTATION = (
    ("z", "preactivation"),
    ("a", "activation"),
    ("W", "weight"),
    ("b", "bias"),
    ("x", "input"),
    ("y", "target"),
    ("out", "output"),
    ("L", "loss"),
    ("eta", "learning_rate"),
    ("delta", "delta_name"),
    ("X", "folded_input"),
)
MOST_REMEMBERED = 100_000


@dataclass(frozen=True)
class Reading:
    """The conventions of a document.

    Attributes
    ----------
    roles : mapping of str to str
        The role of each letter.
    base : {0, 1}
        The number of the first unit.
    vectors, biases : {"column", "row"}
        How a vector lies, and how a bias does.
    flipped : bool
        Whether the document's weights are the transposes of the network's.
    swapped : bool
        Whether ``w_{ij}`` is the weight to ``j`` from ``i`` although the matrices are not so.
    units_from, weights_from : int
        What is added to the number of a layer, for what its units hold and for what leads to it.
    delta : {"gradient", "negative-gradient"}
    loss_scale : float
        What the network's loss is multiplied by to give the document's.
    each_sample : bool
        Whether ``dZ`` and delta of a batch are those of each sample's loss, the mean being left for ``dW``.
    superscripts : {"power", "layer"}
        What the bare number in ``a_1^2`` is.
    function : str
        The activation that the notation's function letter means: "layer" for that of the layer.
    samples : int or None
        How many samples there are; None where there are no batches.
    samples_from : int
        The number of the first sample.
    sample_index : {"first", "last"}
        Where the sample stands among the indices of an element, ``z_{12}``, unless its letter tells.
    parentheses : {"layer", "sample"}
        What a number in parentheses above a name counts, where there are samples.
    small_letters : {"all samples", "one sample"}
        What a small letter holds, where there are samples.
    subscripts : {"layer", "unit"}
        What the single number below a ``z``, ``a`` or delta is.
    weight_numbers : {"layer", "unit by unit", "input by input"}
        What the single number below a weight is: its layer, or its own number through the network.
    letters : Letters or None
        What layers the letters of units stand for; None where they are but indices.
    meanings : tuple of Letters
        What they may stand for.
    sample_letter : str
        The letter that counts samples below labels and losses, ``i`` of ``p_{y_i}``; "" where there is none.
    label_letter, label_candidates : str, tuple of str
        The letter that is the right class itself, and those that may be.
    labels : tuple of int or None
        The right class of each sample, from 0, for claims that are judged so.
    inner : frozenset of str
        Letters that the document makes functions of others, which are no mere variables.
    """

    network: Network
    notation: Notation
    roles: Mapping[str, str] = field(hash=False)
    base: int
    vectors: str
    biases: str
    flipped: bool = False
    swapped: bool = False
    units_from: int = 0
    weights_from: int = 0
    delta: str = "gradient"
    loss_scale: float = 1.0
    each_sample: bool = False
    superscripts: str = "power"
    function: str = "layer"
    samples: int | None = None
    samples_from: int = 1
    sample_index: str = "first"
    parentheses: str = "layer"
    small_letters: str = "all samples"
    subscripts: str = "layer"
    weight_numbers: str = "layer"
    letters: Letters | None = None
    meanings: tuple[Letters, ...] = ()
    sample_letter: str = ""
    label_letter: str = ""
    label_candidates: tuple[str, ...] = ()
    labels: tuple[int, ...] | None = None
    inner: frozenset[str] = frozenset()
    memo: dict[tuple[str, int], tuple[Node, Any]] = field(default_factory=dict, compare=False, repr=False)
    refs: dict[Name, Ref | None] = field(default_factory=dict, compare=False, repr=False)

    def changed(self, **options: object) -> Reading:
        """Return the reading with other conventions."""
        return replace(self, memo={}, refs={}, **options)  # type: ignore[arg-type]  # the names are those of the fields

    @property
    def layers(self) -> int:
        """The number of layers."""
        return len(self.network.layers)

    @property
    def from_to(self) -> bool:
        """Whether the first index of ``w_{ij}`` is the unit that the weight comes from."""
        if self.letters is not None:
            return self.letters.from_to
        row = (self.network.layout == "row") != self.flipped
        return row != self.swapped

    def resolve(self, name: Name) -> Ref | None:
        """Return what a name stands for; None where this reading does not know it.

        Raises
        ------
        MistakeError
            If the tensor cannot have the indices that are written.
        """
        return self.remembered("ref", name, _resolved)

    def remembered(self, what: str, node: Node, make: Callable[[Any, Reading], Any]) -> Any:
        """Return what `make` gives for a node, made once for each node.

        Nodes are told apart by identity, which is cheaper than comparing trees; the memory keeps them alive.
        """
        key = (what, id(node))
        found = self.memo.get(key)
        if found is None:
            if len(self.memo) > MOST_REMEMBERED:
                self.memo.clear()
            found = self.memo[key] = (node, make(node, self))
        return found[1]

    def forget(self, count: int) -> None:
        """Forget all but the first `count` things remembered: the others are of trees that were but tried."""
        while len(self.memo) > count:
            self.memo.popitem()


def _resolved(name: Name, reading: Reading) -> Ref | None:
    """Resolve a name once for all its places: edits of a formula write the same names again and again."""
    refs = reading.refs
    if name not in refs:
        if len(refs) > MOST_REMEMBERED:
            refs.clear()
        refs[name] = resolve(name, reading)
    return refs[name]


def first_reading(network: Network, notation: Notation, samples: int | None = None) -> Reading:
    """Return the reading that the network file asks for."""
    return Reading(
        network,
        notation,
        roles_of(notation, network),
        notation.base,
        network.layout,
        network.layout,
        delta=notation.delta,
        superscripts="layer" if notation.layer == "superscript" else "power",
        samples=samples,
        samples_from=notation.base,
        parentheses="layer" if notation.layer == "parenthesis" else "sample",
    )


def roles_of(notation: Notation, network: Network) -> Mapping[str, str]:
    """Return the role of every letter: the customary ones, overridden by the notation."""
    roles = {letter: role for role, letters in CUSTOMARY.items() for letter in letters.split()}
    for role, key in _OF_NOTATION:
        if letter := getattr(notation, key):
            roles[letter] = role
    if notation.weight == "W":
        roles.setdefault("w", "W")
    if all(network.bias_of(n) != "folded" for n in range(1, len(network.layers) + 1)):
        roles["X"] = "x"
    if notation.output == "y" or notation.target != "y":
        roles["t"] = "y"
    return MappingProxyType(roles)
