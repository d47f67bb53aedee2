"""The whole handout, from its parts."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from codegen.handout.build import build_setting
from codegen.handout.limits import refuse_too_long
from codegen.handout.part_backward import backward_sections
from codegen.handout.part_chains import chain_section
from codegen.handout.part_check import check_section
from codegen.handout.part_forward import forward_sections
from codegen.handout.part_network import network_section
from codegen.handout.part_notation import notation_section
from codegen.handout.part_update import update_section
from codegen.handout.setting import Options, Setting
from codegen.handout.tree import Document
from derive.spec import Spec

SUBTITLE = "Backpropagation, derived step by step"


def build_document(spec: Spec, options: Options) -> Document:
    """Return the content of a handout.

    Raises
    ------
    HandoutError
        If the parts that `options` force would be too long.
    """
    return document_of(spec, prepared(spec, options))


def prepared(spec: Spec, options: Options) -> Setting:
    """Return what the parts read; `HandoutError` if the parts that `options` force would be too long."""
    if options.force and options.detail == "full":
        refuse_too_long(spec.network)
    return build_setting(spec, options)


def document_of(spec: Spec, setting: Setting) -> Document:
    """Return the content of a handout from what its parts read."""
    sections = [
        network_section(setting),
        notation_section(setting),
        *forward_sections(setting),
        *backward_sections(setting),
        chain_section(setting),
        update_section(setting),
        check_section(setting, spec.example),
    ]
    kept = tuple(section for section in sections if section is not None)
    return Document(spec.title, SUBTITLE, kept, made_by())


def made_by() -> str:
    """Return the name of the tool and its version."""
    try:
        return f"chainrule {version('chainrule')}"
    except PackageNotFoundError:  # run from a folder, without an installation
        return "chainrule"
