"""``chainrule build`` as a command: what it writes, and what it says where it cannot."""

from dataclasses import replace

import pytest
from c_compiled import with_headers
from test_cli import chainrule

from codegen.compiler import CompileError, build_extension, extension_name, find_compiler
from codegen.modules import generate
from codegen.modules.c_style import prefix
from derive.spec import load


def test_the_command_says_what_it_wrote(tmp_path):
    with_headers()
    done = chainrule("build", "no-bias", "-o", str(tmp_path / "new"))
    assert (done.returncode, done.stderr) == (0, "")
    names = ["no_bias.c", "no_bias_module.c", extension_name("no_bias")]
    assert done.stdout.splitlines() == [f"wrote {tmp_path / 'new' / name}" for name in names]
    assert (tmp_path / "new" / "no_bias.c").read_text() == generate(load("no-bias"), style="c")


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"CC": "no-such-compiler"}, "there is no program 'no-such-compiler'"),
        ({"CC": "'"}, "no command"),
        ({"CC": "", "PATH": ""}, "no C compiler is installed"),
        ({"CC": "false"}, "false ended with status 1"),
    ],
)
def test_without_a_compiler(environment, words, tmp_path):
    if environment["CC"] == "false":
        with_headers()
    done = chainrule("build", "lecture6", "-o", str(tmp_path / "out"), env=environment)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_made(tmp_path):
    with_headers()
    (tmp_path / "file").write_text("mine")
    for folder, words in (("none/out", "the folder"), ("file", "is no folder")):
        done = chainrule("build", "lecture6", "-o", str(tmp_path / folder))
        assert done.returncode == 2
        assert words in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "mine"


IDENTIFIERS = {"2-2-2": "net_2_2_2", "class": "net_class", "Größe": "gr__e", "my net": "my_net"}


@pytest.mark.parametrize(("file", "name"), IDENTIFIERS.items())
def test_names_of_files_become_identifiers(file, name):
    assert prefix(replace(load("lecture6"), source=f"{file}.toml")) == name


def test_what_the_compiler_says_is_shown(tmp_path):
    with_headers()
    (tmp_path / "broken.c").write_text("int f(void) { return nothing; }\n")
    with pytest.raises(CompileError, match="nothing"):
        build_extension(tmp_path / "broken.c", tmp_path / "broken.so", find_compiler())
