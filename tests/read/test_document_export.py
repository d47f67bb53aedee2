"""Text saved from notebooks and pages: code, output and prose are told apart."""

from derive.read.document import comments_of, read_text


def segments(text, kind="md"):
    return [(s.kind, s.text) for s in read_text(text, kind=kind).segments]


def test_exported_text_with_marks():
    text = (
        "Title\n\nIn [1]:\nimport numpy as np\nW = np.ones((1, 2))\n\nW\n\nOut[1]:\narray([[1., 1.]])\n\n"
        "Prose, then $a=b$.\n\n"
        "In [2]: W * 2\n\narray([[2., 2.]])\n\n# A heading, no comment\n\nIn [*]:\nb = 2\n\nNow,\n"
    )
    assert segments(text, "txt") == [
        ("text", "Title"),
        ("code", "import numpy as np\nW = np.ones((1, 2))\n\nW"),
        ("output", "array([[1., 1.]])"),
        ("text", "Prose, then      ."),
        ("formula", "a=b"),
        ("code", "W * 2"),
        ("output", "array([[2., 2.]])"),
        ("text", "# A heading, no comment"),
        ("code", "b = 2"),
        ("text", "Now,"),
    ]


def test_marked_cells_of_python_two_and_cells_that_are_not_python():
    text = "In [1]:\n%matplotlib inline\nx = 3\nprint 'x:', x\n\nx: 3\n\n" + (
        "In [2]:\nthis is no code\n\nProse of it.\n"
    )
    assert segments(text, "txt") == [
        ("code", "%matplotlib inline\nx = 3\nprint 'x:', x"),
        ("output", "x: 3"),
        ("code", "this is no code"),
        ("text", "Prose of it."),
    ]


def test_text_where_code_and_output_follow_without_a_mark():
    text = (
        "Intro\n\nimport numpy as np\nW = np.ones((1, 2))\nprint('W =', W)\nW = [[1. 1.]]\n\nNow,\n\n"
        "\\[ b = 2 \\]\nv = W.sum()\nprint('v =', v)\nv = 2.0\nu = W.T\nprint('u', u)\nu [[1.]\n [1.]]\n\n"
        "The end.\n"
    )
    document = read_text(text, kind="txt")
    assert [(s.kind, s.text, s.of) for s in document.segments] == [
        ("text", "Intro", None),
        ("code", "import numpy as np\nW = np.ones((1, 2))\nprint('W =', W)", None),
        ("output", "W = [[1. 1.]]", 1),
        ("text", "Now,", None),
        ("formula", "b = 2", None),
        ("code", "v = W.sum()\nprint('v =', v)", None),
        ("output", "v = 2.0", 5),
        ("code", "u = W.T\nprint('u', u)", None),
        ("output", "u [[1.]\n [1.]]", 7),
        ("text", "The end.", None),
    ]


def test_doctests_in_text():
    text = "Words\n\n>>> import math\n>>> for i in range(2):\n...     print(i)\n0\n1\n\nMore\n"
    assert segments(text, "txt") == [
        ("text", "Words"),
        ("code", "import math\nfor i in range(2):\n    print(i)"),
        ("output", "0\n1"),
        ("text", "More"),
    ]


def test_comments_of_a_code_cell_have_their_places():
    text = "In [1]:\nx = 1\n\n    # indented: δ = a − y\ndef f():\n    '''Returns $x_1$.'''\n"
    document = read_text(text, kind="txt")
    (code,) = [s for s in document.segments if s.kind == "code"]
    found = [(s.kind, s.text, s.start.line, s.start.column) for s in comments_of(code)]
    assert found == [("textmath", "indented: δ = a − y", 4, 7), ("formula", "x_1", 6, 17)]
