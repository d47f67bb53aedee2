"""The committed modules of the examples: ``python -m codegen.golden`` compares, ``--update`` writes."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from codegen.files import write_whole
from codegen.modules import generate
from derive import examples
from derive.spec import load

FOLDER = Path(__file__).parents[1] / "generated"
STYLES = ("array", "scalar")
"""What `auto` adds to `array` is what `scalar` shows."""

COMMAND = "python -m codegen.golden --update"


def expected() -> dict[str, str]:
    """Return the text of every committed module, by its file name."""
    return {
        f"{name.replace('-', '_')}_{style}.py": generate(load(name), style=style)
        for name in examples.names()
        for style in STYLES
    }


def differences(folder: Path, files: dict[str, str]) -> list[str]:
    """Return the lines of a unified diff from what stands in a folder to what should."""
    found: list[str] = []
    for name, text in sorted({**dict.fromkeys(_modules(folder), ""), **files}.items()):
        path = folder / name
        old = path.read_text(encoding="utf-8") if path.exists() else ""
        lines = difflib.unified_diff(
            old.splitlines(keepends=True), text.splitlines(keepends=True), f"a/{name}", f"b/{name}"
        )
        found += [line if line.endswith("\n") else f"{line}\n" for line in lines]
    return found


def update(folder: Path, files: dict[str, str]) -> None:
    """Write the modules, and remove those of examples that are gone."""
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        write_whole(folder / name, text)
    for name in set(_modules(folder)) - files.keys():
        (folder / name).unlink()


def _modules(folder: Path) -> Iterable[str]:
    return (path.name for style in STYLES for path in folder.glob(f"*_{style}.py"))


def main(arguments: Sequence[str]) -> int:
    """Run the command; the status is 0 if everything is as it should be, 1 if not, 2 for a wrong call."""
    if list(arguments) not in ([], ["--update"]):
        sys.stderr.write("usage: python -m codegen.golden [--update]\n")
        return 2
    files = expected()
    if arguments:
        update(FOLDER, files)
        sys.stdout.write(f"wrote {len(files)} modules into {FOLDER.name}/\n")
        return 0
    lines = differences(FOLDER, files)
    if not lines:
        sys.stdout.write(f"{len(files)} modules in {FOLDER.name}/ are up to date\n")
        return 0
    sys.stdout.writelines(lines)
    sys.stderr.write(f"{FOLDER.name}/ differs from what is generated now; if that is meant: {COMMAND}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
