"""``make fuzz``: run every target, or one, on inputs that atheris makes.

By hand, in the directory `tests`: ``python -m fuzz [TARGET] [--seconds N]``; without a number one target runs
until it is stopped. An input that breaks something is kept by atheris as a file ``crash-...``.
"""

import argparse
import subprocess
import sys

_MISSING = (
    "fuzz: atheris is not installed for this Python ({version}). Install it with\n"
    "    python -m pip install atheris\n"
    "where it has no wheel for your Python, it needs clang to build; the tests of the suite (hypothesis) run "
    "over the same targets without it."
)


def main():
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument(
        "target", nargs="?", help="formula, document, notebook, code, network-file or verify"
    )
    options.add_argument("--seconds", type=int, default=0, help="for each target")
    given = options.parse_args()
    try:
        import atheris
    except ImportError:
        sys.exit(_MISSING.format(version=sys.version.split()[0]))
    with atheris.instrument_imports(include=["derive"]):
        from fuzz.targets import TARGETS
    if given.target is None:
        for name in TARGETS:
            seconds = given.seconds or 60
            print(f"fuzz: {name}, {seconds} s", flush=True)
            call = [sys.executable, "-m", "fuzz", name, "--seconds", str(seconds)]
            if subprocess.run(call, check=False).returncode:
                sys.exit(f"fuzz: {name} has failed; the input is in the file that is named above")
        return
    if given.target not in TARGETS:
        sys.exit(f"fuzz: there is no target {given.target!r}; choose one of {', '.join(TARGETS)}")
    limits = [f"-max_total_time={given.seconds}"] if given.seconds else []
    atheris.Setup(
        [sys.argv[0], "-max_len=400", "-timeout=20", "-print_final_stats=1", *limits], TARGETS[given.target]
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main()
