"""The command line: ``chainrule COMMAND``; nothing heavy is imported before a command needs it."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module

import click

from codegen.commands import COMMANDS
from codegen.faults import message_of

DONE, AT_FAULT, BROKEN, INTERRUPTED, PIPE_CLOSED = 0, 2, 70, 130, 141
"""Exit statuses besides 1, with which ``verify`` says that something is wrong."""


class PipeClosedError(Exception):
    """Whoever read the output has enough of it."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called or asked for help."""

    def invoke(self, ctx: click.Context) -> object:
        """Call the command; click itself would end with status 1 when the reader of the output goes away."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError as error:
            raise PipeClosedError from error
        return result

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # the signature is click's
        """Return the names of the commands, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # click's
        """Import a command."""
        if cmd_name not in COMMANDS:
            return None
        module, _ = COMMANDS[cmd_name]
        command = import_module(module).command
        assert isinstance(command, click.Command)  # noqa: S101  # for the type checker: import_module is untyped
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  # click's
        """Write the list of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is meant; name the nearest where there is none."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from derive.suggest import unknown

            raise click.UsageError(unknown("command", args[0], tuple(COMMANDS)), ctx)
        return super().resolve_command(ctx, args)


def _print_version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if not value or ctx.resilient_parsing:
        return
    from importlib.metadata import PackageNotFoundError, version  # here: as slow as all else together

    try:
        click.echo(f"chainrule {version('chainrule')}")
    except PackageNotFoundError:
        click.echo("chainrule, run without having been installed")
    ctx.exit()


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="\b\nStart with:\n  chainrule demo\n  chainrule new mynet.toml",
)
@click.option("--version", is_flag=True, callback=_print_version, expose_value=False, is_eager=True,
              help="Show the version and exit.")  # fmt: skip
def cli() -> None:
    """Derive, generate and check backpropagation for a small neural network.

    SPEC is a network file (TOML) or the name of a bundled example.
    """


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status.

    What an input is to blame for ends with status 2 and one message on standard error. An error in this
    program itself shows its traceback and ends with status 70.
    """
    try:
        result = cli.main(arguments, prog_name="chainrule", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return AT_FAULT
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except PipeClosedError:
        # What is still in the buffer must not fail at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except Exception as error:
        message = message_of(error)
        if message is None:
            _print_traceback()
            return BROKEN
        click.echo(f"chainrule: {message}", err=True)
        return AT_FAULT
    return result if isinstance(result, int) else DONE


def _print_traceback() -> None:
    import traceback

    traceback.print_exc()
    click.echo(
        "chainrule: this is a mistake in chainrule itself, not in your input; please report it", err=True
    )


def main() -> None:
    """Run the command line and exit."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(
                errors="backslashreplace"
            )  # an output without Greek letters still gets the rest
    sys.exit(run())
