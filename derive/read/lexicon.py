"""What the names of this field are: variables, functions, losses, words of the surrounding sentence.

The tables say only how a name is *read* (one name or a product of letters, a call or a product, a layer or a
power). What it stands for in a given document is the judge's business. A caller extends the lexicon with the
names of its network and of the document.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

Kind = Literal["variable", "function", "either", "operator", "loss"]
"""How a name behaves before a parenthesis.

"variable": a product. "function": a call. "either": a call that may be a product. "operator": a call, also
without parentheses (``log x``). "loss": a call whose arguments are decoration, or a product.
"""


@dataclass(frozen=True)
class Entry:
    """What is known of one name; `layered`: it exists once per layer, so that ``a^2`` is doubtful."""

    kind: Kind = "variable"
    layered: bool = False


@dataclass(frozen=True)
class Lexicon:
    """Known names; see `with_names` to extend it.

    Parameters
    ----------
    entries
        Known names by their spelling, Greek letters by their names.
    factors
        Single letters that may stand side by side in an unknown run of two letters, as in ``wx``.
    words
        Words of the sentence around a formula, and what they do: "where" opens a side condition, "and"
        separates statements, "thus" is looked through, "otherwise" is the last branch of a definition by
        cases, "noise" ends a statement.
    """

    entries: Mapping[str, Entry]
    factors: frozenset[str]
    words: Mapping[str, str]

    def entry(self, base: str) -> Entry:
        """Return what is known of `base`; a name that is not known is a variable."""
        return self.entries.get(base, _UNKNOWN)

    def knows(self, base: str) -> bool:
        """Tell whether `base` is one name."""
        return base in self.entries

    def with_names(self, *names: str, kind: Kind = "variable", layered: bool = False) -> Lexicon:
        """Return a lexicon that knows `names` too.

        A trailing number is an index and no part of the name: ``W1`` makes ``W`` known. A name that is known
        already takes the kind that is given here.
        """
        stems = {stem: Entry(kind, layered) for stem in map(stem_of, names) if stem}
        return replace(self, entries=MappingProxyType({**self.entries, **stems}))

    def is_product(self, run: str) -> bool:
        """Tell whether an unknown run of letters is a product of single letters: two of them, no word."""
        return len(run) == 2 and run.lower() not in _SHORT_WORDS and self.factors.issuperset(run)


_UNKNOWN = Entry()


def stem_of(name: str) -> str:
    """Return `name` without its trailing digits: ``W`` of ``W1``."""
    return re.sub(r"[0-9]+$", "", name.strip())


# Pairs of letters that are a word far more often than a product.
_SHORT_WORDS = frozenset(["am", "an", "at", "by", "my", "no", "on", "to", "ok", "vs"])
_FACTORS = "abchkmnoptuvwxyzABHOUVWXYZT"

_VARIABLES = (
    "a b c d e f g h i j k l m n o p q r s t u v w x y z A B C D E F G H I J K L M N O P Q R S T U V W X"
    " Y Z alpha beta gamma Gamma epsilon zeta eta theta Theta iota kappa lambda Lambda mu nu xi Xi pi Pi"
    " rho Sigma tau upsilon Upsilon omega Omega chi ell infinity emptyset ones bbI bbR bbE calD calN calX"
    " calY lr learning_rate rate step_size momentum target label true actual bias batch batch_size old new"
    " train test val grad samples n_samples error_signal axis keepdims True False"
)
_LAYERED = (
    "a b h i n o p s u v w x z A B H O U V W X Z calO delta Delta net out in inp act input output hidden"
    " pre pred predicted prediction weight weights signal activation preactivation logit logits score scores"
)
_LOSSES = (
    "L J C E calL calJ calC calE MSE SSE RSS MAE BCE CE NLL RMSE SE Loss loss Cost cost Error error Err err"
)
_FUNCTIONS = (
    "f g sigma phi Phi psi Psi sigmoid sigm sig logistic relu ReLU Relu RELU lrelu LReLU LeakyReLU"
    " leaky_relu elu ELU selu SELU gelu GELU silu SiLU swish Swish softplus Softplus softmax Softmax sgn"
    " sign step hardtanh sigmoid_derivative sigmoid_prime sigmoid_grad sigmoid_deriv d_sigmoid dsigmoid"
    " relu_derivative relu_prime relu_grad d_relu drelu tanh_derivative tanh_prime d_tanh dtanh d_mse"
    " mse_derivative mse_prime mse cross_entropy square sqrt power abs mean sum average avg norm dot"
    " matmul outer transpose clip round maximum minimum len dim diag tr vec rank var std"
)
_OPERATORS = (
    "exp log ln lg erf tanh sinh cosh coth sech sin cos tan cot arctan arcsin arccos max min argmax argmin"
    " arg det"
)
_NAMES: tuple[tuple[Entry, str], ...] = (  # the later one holds where a name stands twice
    (Entry(), _VARIABLES),
    (Entry(layered=True), _LAYERED),
    (Entry("loss"), _LOSSES),
    (Entry("function"), _FUNCTIONS),
    (Entry("operator"), _OPERATORS),
    (Entry("either"), "F G N Q R S"),
    (Entry("either", layered=True), "h s H"),
)
_WORDS = {
    "where": "where wherein with if when whenever for since because given while provided wobei falls wenn für"
    " mit où si avec pour donde con para gdzie dla jeśli se dove",
    "and": "and und et oraz both",
    "thus": "therefore thus hence so then now also we get have obtain let ie namely finally follows that is"
    " daher donc ainsi",
    "otherwise": "otherwise else sonst sinon",
    "noise": "layer layers neuron neurons node nodes units all each every respectively",
}


def _lookup(table: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType({word: key for key, words in table.items() for word in words.split()})


DEFAULT = Lexicon(
    MappingProxyType({name: entry for entry, names in _NAMES for name in names.split()}),
    frozenset(_FACTORS),
    _lookup(_WORDS),
)
"""The lexicon of the field, as it stands without any document."""
