"""The emitter of mathematics as plain text, in canonical names with indices from 0."""

from codegen.plaintext.speller import PlainSpeller
from codegen.plaintext.views import given, matrix_line, path_lines, print_text

__all__ = ["PlainSpeller", "given", "matrix_line", "path_lines", "print_text"]
