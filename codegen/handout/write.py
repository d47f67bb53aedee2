"""Write a handout to a file; its suffix says in which format."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from codegen.files import check_target, write_whole
from codegen.handout.document import document_of, prepared
from codegen.handout.limits import HandoutError
from codegen.handout.setting import Options, Setting
from codegen.handout.tree import Document
from derive.spec import Spec

DETAILS = ("full", "brief")
MOST_DIGITS = 17
"""More have no meaning in double precision."""


def _tex(_: Spec, __: Setting, document: Document) -> str:
    from codegen.handout.render_tex import render_tex

    return render_tex(document)


def _pdf(_: Spec, __: Setting, document: Document) -> bytes:
    from codegen.handout.render_tex import render_tex
    from codegen.tex_engine import compile_tex

    return compile_tex(render_tex(document)).pdf


def _html(_: Spec, __: Setting, document: Document) -> str:
    from codegen.handout.render_html import render_html

    return render_html(document)


def _markdown(_: Spec, __: Setting, document: Document) -> str:
    from codegen.handout.render_markdown import render_markdown

    return render_markdown(document)


def _notebook(spec: Spec, setting: Setting, document: Document) -> str:
    from codegen.handout.checks import check_cells
    from codegen.handout.render_notebook import render_notebook
    from codegen.modules import generate

    return render_notebook(document, generate(spec, style="array"), dict(check_cells(setting)))


RENDERERS: dict[str, Callable[[Spec, Setting, Document], str | bytes]] = {
    ".tex": _tex,
    ".pdf": _pdf,
    ".html": _html,
    ".md": _markdown,
    ".ipynb": _notebook,
}
"""By suffix."""


def write_handout(
    spec: Spec, target: Path, *, detail: str = "full", digits: int = 6, force: bool = False
) -> list[Path]:
    """Write a handout; return the files written.

    Parameters
    ----------
    spec : Spec
    target : pathlib.Path
        With one of the suffixes ``.tex .pdf .html .md .ipynb``.
    detail : {"full", "brief"}
        ``brief`` leaves out the lines for single elements and weights.
    digits : int
        Significant digits of the numbers shown.
    force : bool
        Whether parts are written that are left out because of their length.

    Raises
    ------
    HandoutError
        If an option is out of range, or what is forced is too long.
    TargetError
        If the file cannot be written, or its suffix is not known.
    TexError
        For ``.pdf``: if there is no TeX engine, or it stopped.
    TraceError
        If the numbers of the example leave the range of floats.
    """
    target = Path(target)
    check_target(target, tuple(RENDERERS))
    write_whole(target, handout(spec, target.suffix.lower(), detail=detail, digits=digits, force=force))
    return [target]


def handout(
    spec: Spec, suffix: str, *, detail: str = "full", digits: int = 6, force: bool = False
) -> str | bytes:
    """Return a handout in the format of a suffix; as `write_handout` without the file."""
    if detail not in DETAILS:
        raise HandoutError(f"detail = {detail!r}: expected one of {', '.join(DETAILS)}")
    if isinstance(digits, bool) or not isinstance(digits, int) or not 1 <= digits <= MOST_DIGITS:
        raise HandoutError(f"digits = {digits!r}: expected a whole number from 1 to {MOST_DIGITS}")
    if suffix == ".pdf":
        from codegen.tex_engine import find_engine

        find_engine()  # complain before the work, not after it
    setting = prepared(spec, Options(detail, digits, force))
    return RENDERERS[suffix](spec, setting, document_of(spec, setting))
