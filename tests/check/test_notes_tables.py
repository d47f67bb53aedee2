"""Tables of numbers in LaTeX, judged as those of Markdown are."""

import pytest
from written_notes import codes_at, is_without_alarm

# The document, its network file, and how many of its claims are called right.
DOCUMENTS = (
    ("tables.tex", "scalar-weights", 17),
    ("arrays.md", "logistic", 7),
    ("long-table.tex", "logistic", 8),
)
NETWORKS = {name: network for name, network, _ in DOCUMENTS}

# The document, a text in it, what stands there instead, and the code of the mistake.
PLANTED = (
    ("tables.tex", "$net_{h2}$ & $0.3925$", "$net_{h2}$ & $0.3952$", "arithmetic"),
    ("tables.tex", r"\textbf{0.5933}", r"\textbf{0.5339}", "arithmetic"),
    ("tables.tex", "$w_7$ & $-0.0226$", "$w_7$ & $0.0226$", "sign"),
    ("tables.tex", r"0.4087 \\ \hline", r"0.4078 \\ \hline", "arithmetic"),
    ("arrays.md", r"a^{(1)}_j & 0.4621", r"a^{(1)}_j & 0.6421", "arithmetic"),
    ("arrays.md", "L & 0.5177", "L & 0.5771", "arithmetic"),
    ("long-table.tex", "1 & 2 & $-0.1000$ & 0.2000", "1 & 2 & $-0.1000$ & 0.2500", "arithmetic"),
    ("long-table.tex", "2 & 1 & 0.3885", "2 & 1 & 0.8385", "arithmetic"),
    ("long-table.tex", "$a^{(1)}_2$ & $-0.0997$", "$a^{(1)}_2$ & $0.0997$", "sign"),
)


@pytest.mark.parametrize(("name", "network", "right"), DOCUMENTS)
def test_every_number_is_read_and_right(name: str, network: str, right: int) -> None:
    assert is_without_alarm(name, network) == {"right": right, "wrong": 0, "follows": 0, "undecided": 0}


@pytest.mark.parametrize(("name", "right", "wrong", "code"), PLANTED)
def test_a_wrong_number_is_found_in_its_row(name: str, right: str, wrong: str, code: str) -> None:
    assert codes_at(name, NETWORKS[name], right, wrong) == [code]
