"""The README and the page on extending: every command, every block of code and every list is tried."""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import sympy as sp
from click.testing import CliRunner

from codegen.cli import cli
from derive.activations import ACTIVATIONS, A, Activation
from derive.functions import Z
from derive.layers import LAYERS
from derive.losses import LOSSES, Loss, Y
from derive.network import Dense, Network
from derive.notation import PROFILES, Notation
from derive.printing import printer

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXTENDING = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.M | re.S)


COMMANDS = [
    line[2:] for block in blocks(README, "console") for line in block.splitlines() if line[:2] == "$ "
]


def test_there_are_commands_to_try() -> None:
    assert len(COMMANDS) >= 6


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_of_the_readme_runs(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = shlex.split(command)
    assert words[0] == "chainrule"
    if any(word.endswith(".pdf") for word in words) and not shutil.which("pdflatex"):
        pytest.skip("no TeX engine is installed")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.md").write_text("$z^{[1]} = W^{[1]} X^{[1]}$\n")
    result = CliRunner().invoke(cli, words[1:])
    assert result.exit_code == 0, result.output


def test_the_python_of_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "lecture6", raising=False)
    generate = next(command for command in COMMANDS if "generate" in command)
    assert CliRunner().invoke(cli, shlex.split(generate)[1:]).exit_code == 0
    found = blocks(README, "python")
    assert len(found) >= 2
    for block in found:
        exec(compile(block, "README.md", "exec"), {})  # noqa: S102  # the project's own page


def test_the_network_file_of_the_readme_is_one(tmp_path: Path) -> None:
    path = tmp_path / "net.toml"
    path.write_text(blocks(README, "toml")[0])
    result = CliRunner().invoke(cli, ["trace", str(path), "--json"])
    assert result.exit_code == 0, result.output


def test_the_lists_of_the_readme_are_complete() -> None:
    words = set(re.findall(r"`([\w-]+)`", README))
    assert set(LOSSES) | set(ACTIVATIONS) | set(PROFILES) <= words
    fields = {name for name in Notation.__dataclass_fields__ if name != "profile"}
    assert fields <= words


def test_a_new_activation_is_one_entry(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    block = next(b for b in blocks(EXTENDING, "python") if "mish" in b)
    name, (formula, kink) = next(iter(eval("{" + block + "}", {"Z": Z, "sp": sp}).items()))  # noqa: S307  # our page
    monkeypatch.setitem(ACTIVATIONS, name, Activation(name, formula, convention=kink))
    assert _gradients_agree(tmp_path, activation=name, loss="half-squared-error")


def test_a_new_loss_is_one_entry(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    block = next(b for b in blocks(EXTENDING, "python") if "Loss(" in b)
    loss = eval(block.strip().rstrip(","), {"Loss": Loss, "sp": sp, "A": A, "Y": Y})  # noqa: S307  # our page
    monkeypatch.setitem(LOSSES, loss.name, loss)
    assert _gradients_agree(tmp_path, activation="tanh", loss=loss.name)


def test_a_new_layer_is_one_function_and_one_entry(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    block = next(b for b in blocks(EXTENDING, "python") if "def doubled" in b)
    names: dict[str, object] = {"dense": LAYERS["dense"], "replace": replace}
    exec(compile(block, "extending.md", "exec"), names)  # noqa: S102  # the project's own page
    monkeypatch.setitem(LAYERS, "doubled", names["doubled"])
    assert _gradients_agree(tmp_path, activation="tanh", loss="half-squared-error", kind="doubled")


def test_a_new_notation_is_one_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    block = next(b for b in blocks(EXTENDING, "python") if "greek" in b)
    found = eval("{" + block + "}", {"PROFILES": PROFILES, "replace": replace})  # noqa: S307  # our page
    monkeypatch.setitem(PROFILES, "greek", found["greek"])
    notation = Notation.from_table({"profile": "greek"})
    text = (
        Network([Dense(2, "tanh")], inputs=2, loss="half-squared-error")
        .derive()
        .gradient("W1")
        .latex(notation)
    )
    assert "theta" in text


def test_a_new_printer_is_one_entry_point() -> None:
    view = Network([Dense(2, "tanh")], inputs=2, loss="half-squared-error").derive().gradient("W1")
    assert view.text() == "dW1[i, j] = dz1[i]*x[j]"
    with pytest.raises(LookupError, match="no printer for 'braille'"):
        printer("braille")


def _gradients_agree(folder: Path, activation: str, loss: str, kind: str = "dense") -> bool:
    """Generate a module with the new entry and compare one gradient with a finite difference."""
    import importlib.util

    import numpy as np

    path = folder / "net.toml"
    layer = f'[[network.layers]]\nkind = "{kind}"\nunits = 2\nactivation = "{activation}"\n'
    path.write_text(f'[network]\ninputs = 2\nloss = "{loss}"\n{layer}{layer}')
    target = folder / "module.py"
    result = CliRunner().invoke(cli, ["generate", str(path), "-o", str(target)])
    assert result.exit_code == 0, result.output
    spec = importlib.util.spec_from_file_location("module", target)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    chance = np.random.default_rng(3)
    params = module.Params(*(chance.normal(size=shape) for shape in ((2, 2), (2,), (2, 2), (2,))))
    x, y = chance.normal(size=2), chance.normal(size=2)
    _, gradient = module.value_and_grad(params, x, y)
    step = np.zeros((2, 2))
    step[1, 0] = 1e-6
    ends = [module.loss(params._replace(W1=params.W1 + sign * step), x, y) for sign in (1, -1)]
    return bool(abs((ends[0] - ends[1]) / 2e-6 - gradient.W1[1, 0]) < 1e-7)
