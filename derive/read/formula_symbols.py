"""What the commands of TeX and the characters of Unicode mean in a formula: two tables of (kind, text).

The kinds are those of `derive.read.formula_scan.Token`. Everything that is in no table is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

Meaning = tuple[str, str]


def _same(kind: str, names: str) -> dict[str, Meaning]:
    return {name: (kind, name) for name in names.split()}


def _all(kind: str, text: str, names: str) -> dict[str, Meaning]:
    return dict.fromkeys(names.split(), (kind, text))


GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi"
    " chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega ell"
)

_COMMANDS: dict[str, Meaning] = {
    **_same("name", GREEK),
    # The variant letters are the same names: documents mix \varphi, \phi and the character φ.
    **{f"var{name}": ("name", name) for name in ["epsilon", "theta", "phi", "rho", "sigma", "pi", "kappa"]},
    **_same(
        "name", "exp log ln lg tanh sinh cosh coth sin cos tan cot arctan arcsin arccos max min arg det dim"
    ),
    "infty": ("name", "infinity"),
    "emptyset": ("name", "emptyset"),
    # relations
    **_all("rel", "≈", "approx simeq cong approxeq thickapprox doteq"),
    **_all("rel", ":=", "coloneqq triangleq coloneq"),
    **_all("rel", "≡", "equiv"),
    **_all("rel", "←", "leftarrow gets longleftarrow Leftarrow"),
    **_all("rel", "→", "to rightarrow mapsto longrightarrow longmapsto"),
    **_all("rel", "≠", "ne neq"),
    **_all("rel", "≤", "le leq leqslant leqq"),
    **_all("rel", "≥", "ge geq geqslant geqq"),
    **_all("rel", "<", "lt ll"),
    **_all("rel", ">", "gt gg"),
    **_all("rel", "∈", "in"),
    **_all("rel", "∝", "propto"),
    **_all("rel", "~", "sim"),
    # operators
    "cdot": ("mul", "cdot"),
    "times": ("mul", "times"),
    **_all("mul", "star", "ast *"),
    **_all("mul", "odot", "odot bigodot"),
    "circ": ("mul", "circ"),
    **_all("mul", "otimes", "otimes bigotimes"),
    "div": ("div", "/"),
    "sum": ("big", "sum"),
    "prod": ("big", "prod"),
    "nabla": ("nabla", "∇"),
    "partial": ("partial", "∂"),
    "top": ("top", "T"),
    "intercal": ("top", "T"),
    "prime": ("prime", "'"),
    "over": ("over", "over"),
    **_all("frac", "frac", "frac dfrac tfrac cfrac sfrac nicefrac"),
    "sqrt": ("sqrt", "sqrt"),
    # delimiters
    **_all("open", "(", "lparen"),
    **_all("close", ")", "rparen"),
    **_all("open", "[", "lbrack"),
    **_all("close", "]", "rbrack"),
    **_all("open", "{", "lbrace {"),
    **_all("close", "}", "rbrace }"),
    **_all("openbar", "|", "lvert"),
    **_all("closebar", "|", "rvert"),
    **_all("openbar", "||", "lVert"),
    **_all("closebar", "||", "rVert"),
    **_all("bar", "|", "vert"),
    **_all("bar", "||", "Vert | parallel"),
    # layout that separates
    **_all("wide", "", "quad qquad hfill enspace enskip"),
    **_all("row", "", "cr newline"),
    **_all(
        "then",
        "",
        "therefore because Rightarrow implies iff Longrightarrow Leftrightarrow Longleftrightarrow",
    ),
    **_all("dots", "dots", "dots ldots cdots vdots ddots dotsc dotsb dotsm dotso hdots"),
    **_all("placeholder", "?", "square Box"),
    **_all("word", "for", "forall"),
    # looked through: nothing at all, with one argument, the last of their arguments
    **_all(
        "drop",
        "",
        "displaystyle textstyle scriptstyle scriptscriptstyle limits nolimits nonumber notag bf rm it sf"
        " tt cal middle big Big bigg Bigg bigl Bigl biggl Biggl bigr Bigr biggr Biggr bigm Bigm , ; : ! >"
        " / thinspace negthinspace medspace thickspace centering mathstrut strut boldmath unboldmath"
        " noindent hline small large Large normalsize footnotesize allowbreak nobreak break relax"
        " scriptsize qedhere smallskip medskip bigskip checkmark hfil",
    ),
    **_all("drop1", "", "tag label vspace color phantom hphantom vphantom eqref ref cite"),
    **_all("hspace", "", "hspace mspace"),
    "left": ("left", ""),
    "right": ("right", ""),
    **_all("wrap", "1", "mathit mathnormal boldsymbol bm pmb symbf boldsymbol vec ensuremath mathop mathrel"),
    **_all("wrap", "1", "mathbin mathord mathopen mathclose mathpunct smash mathclap cancel"),
    **_all("wrap", "1", "bcancel xcancel overrightarrow llap rlap"),
    **_all("blank", "1", "underline boxed fbox framebox"),
    **_all("wrap", "2", "textcolor colorbox overset underset stackrel"),
    **_all("bold", "1", "mathbf"),
    **_all("labelled", "1", "underbrace overbrace underbracket overbracket"),
    **_all("roman", "1", "mathrm mathsf mathtt operatorname operatornamewithlimits"),
    **_all("text", "1", "text textrm textbf textit textsf texttt textnormal mbox hbox emph"),
    **_all("font", "cal", "mathcal mathscr mathfrak"),
    **_all("font", "bb", "mathbb mathds"),
    # accents
    **_all("accent", "hat", "hat widehat"),
    **_all("accent", "bar", "bar overline"),
    **_all("accent", "tilde", "tilde widetilde"),
    **_all("accent", "dot", "dot"),
    **_all("accent", "check", "check widecheck"),
}
COMMANDS: Mapping[str, Meaning] = MappingProxyType(_COMMANDS)

_CHARACTERS: dict[str, Meaning] = {
    **_all("add", "+", "+ ＋"),
    **_all("add", "-", "- − – ﹣"),
    **_all("mul", "star", "* ∗ ＊"),
    **_all("mul", "cdot", "· ⋅ ∙ •"),
    **_all("mul", "times", "× ✕"),
    **_all("mul", "odot", "⊙ ⨀ ⊚"),
    **_all("mul", "circ", "∘ ◦ ○"),
    **_all("mul", "otimes", "⊗ ⨂"),
    **_all("mul", "at", "@"),
    **_all("div", "/", "/ ÷ ∕ ⁄"),
    **_all("rel", "=", "= ＝"),
    **_all("rel", "≈", "≈ ≃ ≅ ≐ ≊"),
    **_all("rel", ":=", "≔ ≜ ≝"),
    **_all("rel", "≡", "≡"),
    **_all("rel", "←", "← ⟵ ⇐"),
    **_all("rel", "→", "→ ⟶ ↦"),
    **_all("rel", "≠", "≠"),
    **_all("rel", "≤", "≤ ⩽ ≦"),
    **_all("rel", "≥", "≥ ⩾ ≧"),
    **_all("rel", "<", "<"),
    **_all("rel", ">", ">"),
    **_all("rel", "∈", "∈"),
    **_all("rel", "∝", "∝"),
    **_all("open", "(", "( （"),
    **_all("close", ")", ") ）"),
    **_all("open", "[", "["),
    **_all("close", "]", "]"),
    **_all("bar", "|", "| ∣"),
    **_all("bar", "||", "‖ ∥"),
    **_all("comma", "", ", ，"),
    **_all("semi", "", "; ；"),
    **_all("colon", "", ":"),
    **_all("stop", "", ". 。"),
    **_all("amp", "", "&"),
    **_all("sub", "", "_"),
    **_all("sup", "", "^"),
    **_all("lbrace", "", "{"),
    **_all("rbrace", "", "}"),
    **_all("prime", "'", "' ’ ′ ʹ ´"),
    **_all("prime", "''", "″ ”"),
    **_all("prime", "'''", "‴"),
    **_all("dots", "dots", "… ⋯ ⋮ ⋱"),
    **_all("placeholder", "?", "? □ ☐ ＿ ？"),
    **_all("big", "sum", "∑ Σ"),
    **_all("big", "prod", "∏"),
    **_all("nabla", "∇", "∇"),
    **_all("partial", "∂", "∂"),
    **_all("then", "", "∴ ⇒ ⟹ ⇔ ⟺ ∵"),
    **_all("sqrt", "sqrt", "√"),
    **_all("word", "for", "∀"),
    "∆": ("name", "Delta"),
    "µ": ("name", "mu"),
    "𝜕": ("partial", "∂"),
    "𝛁": ("nabla", "∇"),
    "∞": ("name", "infinity"),
    "ℓ": ("name", "ell"),
    "ℒ": ("name", "calL"),
    "𝓛": ("name", "calL"),
    "𝟙": ("indicator", "1"),
    "⊤": ("top", "T"),
    "⊺": ("top", "T"),
}
CHARACTERS: Mapping[str, Meaning] = MappingProxyType(_CHARACTERS)

DIGRAPHS: Mapping[str, Meaning] = MappingProxyType(
    {
        ":=": ("rel", ":="),
        "==": ("rel", "="),
        "<=": ("rel", "≤"),
        ">=": ("rel", "≥"),
        "!=": ("rel", "≠"),
        "~=": ("rel", "≈"),
        "+=": ("rel", "+="),
        "-=": ("rel", "-="),
        "<-": ("rel", "←"),
        "->": ("rel", "→"),
        "=>": ("then", ""),
        "**": ("pow", "**"),
        "||": ("bar", "||"),
        ".*": ("mul", "odot"),
    }
)

COMBINING: Mapping[str, str] = MappingProxyType(
    {"\u0302": "hat", "\u0304": "bar", "\u0305": "bar", "\u0303": "tilde", "\u0307": "dot", "\u030c": "check"}
)

ROW_ENVIRONMENTS = frozenset(
    [
        "align",
        "aligned",
        "alignat",
        "alignedat",
        "flalign",
        "split",
        "gather",
        "gathered",
        "multline",
        "equation",
        "eqnarray",
        "displaymath",
        "math",
        "subequations",
    ]
)
MATRIX_ENVIRONMENTS = frozenset(
    [
        "matrix",
        "bmatrix",
        "pmatrix",
        "vmatrix",
        "Vmatrix",
        "Bmatrix",
        "smallmatrix",
        "bsmallmatrix",
        "psmallmatrix",
        "array",
    ]
)
CASES_ENVIRONMENTS = frozenset(["cases", "dcases", "rcases"])
