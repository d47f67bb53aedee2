"""Hand derivations as they are written: right ones raise no false alarm, planted mistakes are found."""

from functools import cache
from pathlib import Path

import pytest

from derive.check.document import check_document
from derive.check.findings import Report, Verdict
from derive.read.document import read_text
from derive.spec import load

NOTES = Path(__file__).parent / "notes"

# The document, its network file, and how many of its claims are called right at least.
DOCUMENTS = (
    ("scalar-weights.md", "scalar-weights", 86),
    ("chain-sums.tex", "scalar-weights", 18),
    ("four-equations.tex", "scalar-weights", 19),
    ("tables.md", "scalar-weights", 7),
    ("rounded.md", "scalar-weights", 20),
    ("unicode.txt", "scalar-weights", 17),
    ("exported.txt", "scalar-weights", 13),
    ("brackets.md", "batch", 20),
    ("samples.md", "batch", 24),
    ("batch_columns.py", "batch", 15),
    ("scores.md", "scores", 13),
    ("bp-proofs.tex", "bp-proofs", 24),
    ("vectorised.md", "batch", 16),
    ("denominators.md", "scalar-weights", 14),
    ("summen.md", "scalar-weights", 28),
    ("biji.md", "softmax", 25),
    ("mail.txt", "logistic", 25),
    ("aligned.tex", "rows", 25),
    ("worksheet.md", "relu", 31),
    ("batch_rows.py", "batch", 16),
    ("rows.md", "rows", 26),
    ("rows_class.py", "rows", 16),
    ("fences.md", "rows", 14),
    ("softmax.md", "softmax", 24),
    ("softmax_code.py", "softmax", 15),
    ("relu-cases.md", "relu", 39),
    ("logistic.md", "logistic", 38),
    ("logistic.ipynb", "logistic", 25),
)
NETWORKS = {name: network for name, network, _ in DOCUMENTS}

# The document, a text in it, what stands there instead, and the code of the mistake.
PLANTED = (
    (
        "scalar-weights.md",
        "= -(target_{o1} - out_{o1}) = -(0.01",
        "= (target_{o1} - out_{o1}) = -(0.01",
        "sign",
    ),
    ("scalar-weights.md", "0.593269992 = 0.082167041", "0.593269992 = 0.082176041", "arithmetic"),
    ("scalar-weights.md", "$E_{o2} = 0.023560026$", "$E_{o2} = 0.023650026$", "arithmetic"),
    ("scalar-weights.md", "= -0.019049118$$", "= 0.019049118$$", "sign"),
    ("scalar-weights.md", "$$E_{total} = E_{o1} + E_{o2} =", "$$E_{total} = E_{o1} - E_{o2} =", "sign"),
    (
        "scalar-weights.md",
        r"$$E_{o1} = \frac{1}{2}(target_{o1} - out_{o1})^2",
        r"$$E_{o1} = \frac{1}{2}(target_{o1} - out_{o2})^2",
        "index",
    ),
    ("scalar-weights.md", r"\delta_{o1} out_{h1}", r"\delta_{o1} out_{h2}", "index"),
    ("scalar-weights.md", "= 0.4 - 0.5 * 0.082167041", "= 0.4 + 0.5 * 0.082167041", "sign"),
    ("chain-sums.tex", r"w^{(2)}_{ij} a^{(1)}_j (1", r"w^{(2)}_{ji} a^{(1)}_j (1", "index"),
    ("chain-sums.tex", r"\delta^{(1)}_j x_k,", r"\delta^{(1)}_j x_j,", "index"),
    (
        "chain-sums.tex",
        r"&= (a^{(2)}_i - y_i) a^{(2)}_i (1 - a^{(2)}_i) a^{(1)}_j",
        r"&= (a^{(2)}_i - y_i) a^{(1)}_j",
        "missing-activation-derivative",
    ),
    ("four-equations.tex", "((W^{l+1})^T ", "(W^{l+1} ", "transpose"),
    ("four-equations.tex", "a^{l-1}_k", "a^{l}_k", "index"),
    ("rounded.md", r"\\ 0.393 ", r"\\ 0.399 ", "arithmetic"),
    ("unicode.txt", "(W²)ᵀ δ² ⊙ σ′(z¹)", "(W²)ᵀ δ²", "missing-activation-derivative"),
    ("unicode.txt", "= δ¹ xᵀ", "= δ² xᵀ", "index"),
    ("exported.txt", "delta1 = W2.T @", "delta1 = W2 @", "transpose"),
    ("exported.txt", "z2 = W2 @ a1", "z2 = W2 @ z1", "wrong-variable"),
    ("brackets.md", r"$dz^{[2]} = a^{[2]} - y", r"$dz^{[2]} = y - a^{[2]}", "sign"),
    ("brackets.md", r"\frac{1}{m} dZ^{[1]} X^T", "dZ^{[1]} X^T", "missing-factor"),
    ("brackets.md", "- $db^{[2]} = dz^{[2]}$", "- $db^{[2]} = dz^{[2]} a^{[2]}$", "surplus-factor"),
    ("brackets.md", "$dW^{[1]} = dz^{[1]} x^T$", "$dW^{[1]} = dz^{[1]} x$", "transpose"),
    ("brackets.md", "np.sum(dZ^{[2]}", "np.sum(dZ^{[1]}", "index"),
    ("brackets.md", "g'(z) = g(z)(1 - g(z))", "g'(z) = g(z)(1 + g(z))", "sign"),
    ("brackets.md", r"y^{(i)} \log a^{[2](i)} + (1", r"y^{(i)} \log a^{[2](i)} - (1", "sign"),
    ("samples.md", "W^{[2]} a^{[1](i)} + b", "W^{[2]} z^{[1](i)} + b", "wrong-variable"),
    ("samples.md", r"\sum_i \delta^{[1](i)}_j x^{(i)}_k,", r"\sum_i \delta^{[1](i)}_j x^{(i)}_j,", "index"),
    ("samples.md", r"\partial W^{[1]}} = \frac{1}{m} \sum", r"\partial W^{[1]}} = \sum", "missing-factor"),
    ("samples.md", "0.3 + 0.1 = 0.31$", "0.3 + 0.1 = 0.36$", "arithmetic"),
    ("samples.md", r"\delta^{[2](i)} (a^{[1](i)})^T,", r"\delta^{[2](i)} (a^{[2](i)})^T,", "index"),
    ("scores.md", "dW_2 = H^T dF,", "dW_2 = X^T dF,", "wrong-variable"),
    ("scores.md", r"dF = \frac{1}{N} (P - Y)", "dF = (P - Y)", "missing-factor"),
    ("scores.md", r"dF\, W_2^T", r"dF\, W_2", "transpose"),
    ("bp-proofs.tex", r"w^l - \eta\, \delta^l (a^{l-1})^T", r"w^l - \eta\, \delta^l (a^l)^T", "index"),
    ("bp-proofs.tex", r"\sigma'(z^l_j),", r"\sigma'(z^{l+1}_j),", "index"),
    (
        "bp-proofs.tex",
        r"(a^L - y) \odot \sigma'(z^L)",
        r"(a^L - y) \odot \sigma(z^L)",
        "missing-activation-derivative",
    ),
    ("vectorised.md", r"\frac{1}{m} dZ^{[l]} A^{[l-1]T}", "dZ^{[l]} A^{[l-1]T}", "missing-factor"),
    ("vectorised.md", "= W^{[l]T} dZ^{[l]}", "= W^{[l]} dZ^{[l]}", "transpose"),
    ("vectorised.md", r"-\frac{Y}{A^{[2]}} + ", r"-\frac{Y}{A^{[2]}} - ", "sign"),
    ("vectorised.md", r"$g^{[2]} = \sigma$", r"$g^{[2]} = \tanh$", "other"),
    ("denominators.md", r"\boldsymbol{h}^{(k-1)}", r"\boldsymbol{h}^{(k)}", "index"),
    ("denominators.md", r"J \; h^{(1)\top}", r"J \; a^{(1)\top}", "wrong-variable"),
    ("denominators.md", r"W^{(2)\top} \nabla", r"W^{(2)} \nabla", "transpose"),
    ("summen.md", "= 0{,}3775$$", "= 0{,}3875$$", "arithmetic"),
    ("summen.md", r"\delta^{(2)}_k w^{(2)}_{kj},", r"\delta^{(2)}_k w^{(2)}_{jk},", "index"),
    ("summen.md", r"0{,}40 - 0{,}5 \cdot 0{,}1385", r"0{,}40 + 0{,}5 \cdot 0{,}1385", "sign"),
    ("biji.md", r"= -\hat{y}_k \hat{y}_j$", r"= \hat{y}_k \hat{y}_j$", "sign"),
    ("biji.md", "w^{(2)}_{ji},", "w^{(2)}_{ij},", "index"),
    ("biji.md", r"\\ -0.960 & 0", r"\\ 0.960 & 0", "sign"),
    ("mail.txt", "dL/dz2 = a2 - y = 0.5959", "dL/dz2 = y - a2 = 0.5959", "sign"),
    ("mail.txt", "(1 - a1^2) = [", "(1 - a1) = [", "missing-factor"),
    ("mail.txt", "[-0.1212, 0.2020]", "[-0.1212, 0.2002]", "arithmetic"),
    ("aligned.tex", r"&= x W_1 + b_1 \\", r"&= W_1 x + b_1 \\", "transpose"),
    ("aligned.tex", r"&= \begin{bmatrix} 0.45 & -0.15", r"&= \begin{bmatrix} 0.45 & -0.25", "arithmetic"),
    ("aligned.tex", "W_2 - 0.1", "W_2 + 0.1", "update-sign"),
    ("worksheet.md", "| 2 | -1.3000 | 0.0000 |", "| 2 | -1.3000 | 0.2142 |", "arithmetic"),
    ("worksheet.md", "| 0.0160 | 0.2484 |", "| -0.0160 | 0.2484 |", "sign"),
    ("worksheet.md", "| -0.0170 | 0.8017 |", "| -0.0170 | 0.7983 |", "arithmetic"),
    ("batch_columns.py", "np.dot(dZ1, X.T) / m", "np.dot(dZ1, X.T)", "missing-factor"),
    ("batch_rows.py", "dZ1 = dA1 * (1 - A1**2)", "dZ1 = dA1", "missing-activation-derivative"),
    ("rows_class.py", "self.W1 -= lr", "self.W1 += lr", "update-sign"),
    ("rows_class.py", "np.dot(self.h, self.W2) + self.b2", "np.dot(self.h, self.W2)", "missing-term"),
    ("rows.md", r"= \hat{y} - y = \begin", r"= y - \hat{y} = \begin", "sign"),
    ("rows.md", r"$$h = \tanh(z_1) =", r"$$h = \tanh(z_2) =", "index"),
    ("fences.md", r"\delta_2 W_2^T", r"\delta_2 W_2", "transpose"),
    ("softmax.md", "p_i (1 - p_i)", "p_i (1 + p_i)", "sign"),
    ("softmax.md", "= -p_i p_j", "= p_i p_j", "sign"),
    ("softmax.md", r"\sum_{k \neq i} y_k p_i", r"\sum_{k} y_k p_i", "surplus-factor"),
    ("softmax.md", "-0.4797", "-0.4977", "arithmetic"),
    ("softmax_code.py", "(W2.T @ delta2)", "(W2 @ delta2)", "transpose"),
    ("softmax_code.py", "W1 = W1 - eta", "W1 = W1 + eta", "update-sign"),
    ("relu-cases.md", "+ 0.1 = 0.85", "+ 0.1 = 0.95", "arithmetic"),
    ("logistic.md", r"= 0.5959 - 1 = -0.4041", r"= 0.5959 - 1 = 0.4041", "sign"),
    ("logistic.md", r"-0.4041 \times 0.4621 = -0.1867", r"-0.4041 \times 0.4621 = 0.1867", "sign"),
    ("logistic.md", r"= 1 - \tanh^2(z), ", r"= 1 + \tanh^2(z), ", "sign"),
    ("logistic.ipynb", "np.outer(delta1, x)", "np.outer(x, delta1)", "transpose"),
)


@cache
def written(name: str) -> str:
    """Return the text of a document."""
    return (NOTES / name).read_text(encoding="utf-8")


def judged(name: str, text: str) -> Report:
    """Judge a text as the document of that name."""
    kind = Path(name).suffix[1:]
    return check_document(read_text(text, kind=kind), load(NOTES / f"{NETWORKS[name]}.toml"))


@pytest.mark.parametrize(("name", "right"), [(name, right) for name, _, right in DOCUMENTS])
def test_right_notes_raise_no_false_alarm(name: str, right: int) -> None:
    report = judged(name, written(name))
    assert [(f.place.line, f.claim, f.code) for f in report.findings if f.verdict is Verdict.WRONG] == []
    assert report.summary["follows"] == 0
    assert report.summary["right"] >= right


@pytest.mark.parametrize(("name", "right", "wrong", "code"), PLANTED)
def test_a_planted_mistake_is_found_in_its_line(name: str, right: str, wrong: str, code: str) -> None:
    text = written(name)
    assert text.count(right) == 1
    broken = text.replace(right, wrong)
    found = [f for f in judged(name, broken).findings if f.verdict is Verdict.WRONG]
    assert code in [f.code for f in found]
    if not name.endswith(".ipynb"):
        line = text.count("\n", 0, text.index(right)) + 1
        assert code in [f.code for f in found if f.place.line <= line <= f.place.end_line]
