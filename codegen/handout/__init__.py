"""Handouts: the derivation of a network as a document, in LaTeX, PDF, HTML, Markdown or a notebook."""

from codegen.handout.limits import HandoutError
from codegen.handout.write import RENDERERS, handout, write_handout

__all__ = ["RENDERERS", "HandoutError", "handout", "write_handout"]
