"""The commands of the command line: one module each, imported when the command is called."""

from __future__ import annotations

COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("codegen.commands.demo", "Do the main job on a bundled example: handout, module, check."),
    "examples": ("codegen.commands.examples", "List the bundled examples."),
    "new": ("codegen.commands.new", "Write a commented network file to start from."),
    "derive": ("codegen.commands.derive", "Print the derivation of a gradient, or that of one weight."),
    "trace": ("codegen.commands.trace", "Print every number of the worked example."),
    "handout": ("codegen.commands.handout", "Write the derivation as a handout."),
    "generate": ("codegen.commands.generate", "Write a NumPy module that computes the gradient."),
    "build": ("codegen.commands.build", "Compile the gradient for Python, with the machine's C compiler."),
    "verify": ("codegen.commands.verify", "Judge every claim of hand derivations."),
    "explain": ("codegen.commands.explain", "Explain a kind of mistake that verify names."),
}
"""By name: the module, whose ``command`` is the click command, and what it does in one line."""
