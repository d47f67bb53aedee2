"""Every kind of file: what is formula, prose, code, output, table or picture, and where it stands."""

import json

import nbformat
import pytest

from derive.read.document import code_cells, read_document, read_text


def segments(text, kind="md"):
    return [(s.kind, s.text) for s in read_text(text, kind=kind).segments]


def of_kind(text, wanted, kind="md"):
    return [s.text for s in read_text(text, kind=kind).segments if s.kind == wanted]


@pytest.mark.parametrize(
    ("text", "formulas"),
    [
        ("$a=b$ and $c$", ["a=b", "c"]),
        ("$$\nx = 1\n$$", ["x = 1"]),
        ("\\(z\\) and \\[y = 2\\]", ["z", "y = 2"]),
        ("\\\\(z\\\\) and \\\\[y = 2\\\\]", ["z", "y = 2"]),
        ("\\[\\begin{split} x \\\\[2pt] y \\end{split}\\]", ["x \\\\[2pt] y"]),
        ("\\begin{align*}\na &= b \\\\\n&= c\n\\end{align*}", ["a &= b \\\\\n&= c"]),
        ("\\begin{eqnarray}a&=&b\\end{eqnarray}", ["a&=&b"]),
        ("$$\\begin{aligned}a\\end{aligned}$$", ["a"]),
        ("\\begin{alignat}{2} a &= b &\\quad c &= d \\end{alignat}", ["a &= b &\\quad c &= d"]),
        ("\\begin{alignat*} {3}a\\end{alignat*}", ["a"]),
        ("\\begin{IEEEeqnarray}{rCl}a & = & b\\end{IEEEeqnarray}", ["a & = & b"]),
        ("\\begin{align}{a} = b\\end{align}", ["{a} = b"]),
        ("$$ a \\begin{bmatrix}1\\\\2\\end{bmatrix} $$", ["a \\begin{bmatrix}1\\\\2\\end{bmatrix}"]),
        ("```math\na = b\n```", ["a = b"]),
        ("$ \\delta $ spaced", ["\\delta"]),
        ("costs $5 and $10 each", []),
        ("from $5 for x = 3 to $6 in all", []),
        ("a \\$ b \\$ c", []),
        ("`$HOME` and `$x$` are code", []),
        ("```\necho $a $b\n```", []),
        ("one $ alone", []),
        ("$a\n\nb$", []),
        ("> quoted $a=b$\n> and more", ["a=b"]),
        ("- item $$a$$\n- item $b$", ["a", "b"]),
        ("$$\n\n    indented = 1\n\n$$", ["indented = 1"]),
    ],
)
def test_delimiters(text, formulas):
    assert of_kind(text, "formula") == formulas


@pytest.mark.parametrize(
    "text",
    [
        "$$\na = b\n\nIn general:\n\n$$\nc\n$$\n",
        "$$\n\\begin{align*}\na = b\n\\end{align*}\n\nIn general:\n\n$$\n"
        "\\begin{align*}\nc\n\\end{align*}\n$$\n",
        "$$\na = b\n\n# Heading\n\n$$c$$\n",
        "$$\n\\begin{align*}\na = b\n\\end{align*}\n\nActivation function:\n$$\nc\n$$\n",
    ],
)
def test_a_forgotten_closing_mark_does_not_swallow_what_follows(text):
    found = [s for s in read_text(text, kind="md").segments if s.kind == "formula"]
    assert [s.text for s in found] == ["a = b", "c"]
    assert [bool(s.note) for s in found] == [True, False]
    assert len(of_kind(text, "text")) == 1


def test_an_empty_line_inside_a_display_does_not_end_it():
    text = "$$\n\\begin{align*}\n\n a &= b \\\\\n\n &= c\n\\end{align*}\n\n$$\n\nProse follows here.\n"
    (formula,) = of_kind(text, "formula")
    assert formula.startswith("a &= b")
    assert formula.endswith("&= c")


def test_every_offset_leads_back_to_the_file():
    text = (
        "# Title\n\n> We know $a=b$ here\n\n$$\n\\begin{align}\nq &= w \\\\\n r &= t\n\\end{align}\n$$\n\n"
        "- list\n\n  ```python\n  import numpy as np\n  x = np.ones(2)\n  ```\n\nδ₂ = a₂ − y₂ = 0.5\n\n"
        "| a | b |\n|---|---|\n| 1 | 2 |\n"
    )
    lines = text.split("\n")
    document = read_text(text, kind="md")
    assert {s.kind for s in document.segments} == {"text", "formula", "code", "textmath", "table"}
    for segment in document.segments:
        if segment.kind == "text":
            continue  # formulas inside prose are blanked there
        for offset, char in enumerate(segment.text):
            if char != "\n":
                place = segment.locate(offset)
                assert lines[place.line - 1][place.column - 1] == char
    (code,) = [s for s in document.segments if s.kind == "code"]
    assert code.text == "import numpy as np\nx = np.ones(2)"
    assert (code.locate_line(2, 5).line, code.locate_line(2, 5).column) == (16, 7)


def test_lines_of_unicode_mathematics_are_told_from_prose():
    text = (
        "∂L/∂W2 = δ2 · a1ᵀ\n\nThe gradient is the product = of all these many ordinary words.\n\n"
        "z1 = 0.3 * 0.2 + 0.1 = 0.16\n"
    )
    assert of_kind(text, "textmath") == ["∂L/∂W2 = δ2 · a1ᵀ", "z1 = 0.3 * 0.2 + 0.1 = 0.16"]
    assert len(of_kind(text, "text")) == 1
    assert of_kind("as `dW = x.T @ delta` shows", "textmath") == ["dW = x.T @ delta"]


@pytest.mark.parametrize(
    "line",
    [
        "- {}",
        "* {}",
        "+ {}",
        "• {}",
        "1. {}",
        "2) {}",
        "a) {}",
        "(1) {}",
        "> {}",
        "### {}",
        "**{}**",
        "- **{}**.",
        "{}  (3)",
    ],
)
def test_a_formula_in_a_line_comes_without_what_makes_it_an_item(line):
    formula = "δ² = (a² − y) ⊙ a² ⊙ (1 − a²)"
    text = line.format(formula)
    (found,) = (s for s in read_text(text, kind="md").segments if s.kind == "textmath")
    assert found.text == formula
    assert found.start.column == text.index(formula) + 1


@pytest.mark.parametrize("item", [r"\item {}", r"\item[(b)] {}", r"  \item {}."])
def test_a_formula_in_a_line_of_latex_comes_without_what_makes_it_an_item(item):
    (found,) = (s for s in read_text(item.format("δ = x·y"), kind="tex").segments if s.kind == "textmath")
    assert found.text == "δ = x·y"
    sentence = item.format("The derivative of max(0, 1 - y a) at y a = 1")
    assert [s.kind for s in read_text(sentence, kind="tex").segments] == ["text"]


@pytest.mark.parametrize("line", ["- 3·δ", "−δ² = 3·x", "-δ² = 3·x", "(a + b)·c = d·e"])
def test_signs_and_brackets_of_a_formula_are_no_items(line):
    found = [s.text for s in read_text(line, kind="md").segments if s.kind == "textmath"]
    assert found == ([line] if "=" in line else [])


def test_addresses_are_no_formulas():
    assert of_kind("[δ](http://a.b/c?x=1·2)", "textmath") == []


def test_fences_by_language():
    text = (
        "```python\nprint('loss', x)\n```\n\n```\nloss 0.5\n```\n\n```\nz1 = w1*x1 + b1 = 0.3\n```\n\n"
        "```cpp\nint x;\n```\n\n```\nimport numpy as np\n```\n\n```pycon\n>>> 1 + 1\n2\n```\n"
    )
    found = segments(text)
    assert found == [
        ("code", "print('loss', x)"),
        ("output", "loss 0.5"),
        ("textmath", "z1 = w1*x1 + b1 = 0.3"),
        ("text", "int x;"),
        ("code", "import numpy as np"),
        ("code", "1 + 1"),
        ("output", "2"),
    ]
    assert read_text(text, kind="md").segments[1].of == 0
    assert read_text(text, kind="md").segments[6].of == 5


def test_tables_have_cells_with_places():
    text = "| w | value |\n|---|---|\n| $w_1$ | 0.15 |\n"
    (table,) = [s for s in read_text(text, kind="md").segments if s.kind == "table"]
    assert [[c.text for c in row] for row in table.rows] == [["w", "value"], ["$w_1$", "0.15"]]
    place = table.locate(table.rows[1][1].offset)
    assert (place.line, place.column) == (3, text.split("\n")[2].index("0.15") + 1)
    assert of_kind(text, "formula") == ["w_1"]


@pytest.mark.parametrize("text", ["![net](a.png)", '<p><img src="a.png"/></p>'])
def test_pictures_say_that_they_cannot_be_read(text):
    (picture,) = [s for s in read_text(text, kind="md").segments if s.kind == "picture"]
    assert "cannot be read" in picture.note


def test_latex_files():
    text = (
        "\\documentclass{article}\n\\newcommand{\\pd}[2]{\\frac{\\partial #1}{\\partial #2}}\n"
        "\\def\\net{\\mathrm{net}}\n"
        "\\begin{document}\nWe have $a=b$ % not $c=d$\n"
        "\\begin{equation}\\label{e}\n\\pd{L}{w} = 50\\% % half\n\\end{equation}\n"
        "\\includegraphics[width=3cm]{net.png}\n"
        "\\begin{verbatim}\nimport numpy as np\nx = np.ones(3) # $5\n\\end{verbatim}\n"
        "\\begin{lstlisting}[language=Python]\ny = 2\n\\end{lstlisting}\n\\end{document}\n$after$\n"
    )
    document = read_text(text, kind="tex")
    formulas = [s.text for s in document.segments if s.kind == "formula"]
    assert formulas[0] == "a=b"
    assert formulas[1].startswith("\\label{e}\n\\pd{L}{w} = 50\\%")
    assert len(formulas) == 2
    assert [(m.name, m.parameters, m.body) for m in document.macros] == [
        ("\\pd", 2, "\\frac{\\partial #1}{\\partial #2}"),
        ("\\net", 0, "\\mathrm{net}"),
    ]
    assert [s.text for s in document.segments if s.kind == "code"] == [
        "import numpy as np\nx = np.ones(3) # $5",
        "y = 2",
    ]
    assert [s.kind for s in document.segments].count("picture") == 1


@pytest.mark.parametrize(
    "quoted", [r"\verb|$z = 3$|", r"\verb*+$z = 3$+", r"\lstinline[language=Python]!$z = 3$!", r"\verb|%$|"]
)
def test_what_latex_quotes_is_no_formula(quoted):
    assert of_kind(f"Write {quoted} for $a = b$.", "formula", kind="tex") == ["a = b"]


def test_python_files_give_code_and_the_mathematics_of_their_comments():
    text = (
        '"""Notes.\n\nThe gradient is $dW = \\delta x$.\n"""\nimport numpy as np\n'
        "# dC/dW = delta * a\n# plain words\nx = 1  # δ = a − y\n"
    )
    document = read_text(text, kind="py")
    assert document.segments[0].kind == "code"
    assert document.segments[0].text == text
    rest = [(s.kind, s.text, s.start.line, s.start.column) for s in document.segments[1:]]
    assert rest == [
        ("formula", "dW = \\delta x", 3, 18),
        ("textmath", "dC/dW = delta * a", 6, 3),
        ("textmath", "δ = a − y", 8, 10),
    ]


def notebook(version=4):
    if version == 3:
        cells = [
            {"cell_type": "markdown", "metadata": {}, "source": ["Take $x = 1$\n", "and more"]},
            {
                "cell_type": "code",
                "collapsed": False,
                "input": ["x = 1\n", "x"],
                "language": "python",
                "metadata": {},
                "outputs": [{"output_type": "pyout", "prompt_number": 1, "metadata": {}, "text": ["1"]}],
                "prompt_number": 1,
            },
        ]
        return {
            "metadata": {"name": ""},
            "nbformat": 3,
            "nbformat_minor": 0,
            "worksheets": [{"cells": cells, "metadata": {}}],
        }
    book = nbformat.v4.new_notebook()
    code = nbformat.v4.new_code_cell("x = 1\nx")
    code.outputs = [
        nbformat.v4.new_output("stream", text="hello\n"),
        nbformat.v4.new_output("stream", name="stderr", text="warning\n"),
        nbformat.v4.new_output("execute_result", data={"text/plain": "1"}, execution_count=1),
    ]
    book.cells = [nbformat.v4.new_markdown_cell("Take $x = 1$\nand more"), code]
    return json.loads(nbformat.writes(book))


def test_backslashes_of_a_docstring_are_those_of_its_formula():
    plain = 'def f():\n    """Return $\\\\delta = \\\\sigma(z)$."""\n'
    raw = 'def f():\n    r"""Return $\\delta = \\sigma(z)$."""\n'
    for text in (plain, raw):
        (found,) = (s for s in read_text(text, kind="py").segments if s.kind == "formula")
        assert found.text.split() == ["\\delta", "=", "\\sigma(z)"]
        assert found.start.column == 17


def test_notebooks_tie_outputs_to_cells(tmp_path):
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps(notebook()))
    document = read_document(path)
    found = [(s.kind, s.text, s.start.cell, s.of) for s in document.segments]
    assert ("formula", "x = 1", 0, None) in found
    assert ("code", "x = 1\nx", 1, None) in found
    place = next(n for n, s in enumerate(document.segments) if s.kind == "code")
    assert found[-2:] == [("output", "hello", 1, place), ("output", "1", 1, place)]
    assert [c.index for c in code_cells(document)] == [place]


def test_old_notebooks_are_upgraded():
    document = read_text(json.dumps(notebook(3)), kind="ipynb")
    assert [(s.kind, s.text) for s in document.segments if s.kind in ("code", "output", "formula")] == [
        ("formula", "x = 1"),
        ("code", "x = 1\nx"),
        ("output", "1"),
    ]
