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
from codegen.handout.setting import Options
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
    setting = build_setting(spec, options)
    if options.force and setting.full:
        refuse_too_long(spec.network)
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
