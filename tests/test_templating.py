"""Templates are compiled once for all processes, and again whenever what they are compiled from changes."""

import sys

import jinja2
import pytest

from codegen.templating import environment

NAME = "handout.md"
OPTIONS = {"trim_blocks": True, "lstrip_blocks": True}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "cache"))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    return tmp_path / "cache"


@pytest.fixture
def compiled(monkeypatch):
    """Return the list of what has been compiled since."""
    names, compile_ = [], jinja2.Environment.compile

    def counted(self, source, name=None, *args, **kwargs):
        names.append(name)
        return compile_(self, source, name, *args, **kwargs)

    monkeypatch.setattr(jinja2.Environment, "compile", counted)
    return names


def made(**options):
    found = environment(**options)
    found.filters |= {"text": str, "inline": str, "cells": str}
    return found.get_template(NAME)


def test_a_template_is_compiled_once(folder, compiled):
    for _ in range(3):
        made(**OPTIONS)
    assert compiled == [NAME]
    assert len(list(folder.rglob("*.jinja-*"))) == 1


@pytest.mark.usefixtures("folder")
def test_other_options_compile_it_again(compiled):
    made(**OPTIONS)
    made(trim_blocks=True)
    made(finalize=str, **OPTIONS)
    made(finalize=repr, **OPTIONS)
    assert compiled == [NAME] * 4


@pytest.mark.usefixtures("folder")
def test_a_changed_template_is_compiled_again(compiled, monkeypatch):
    made(**OPTIONS)
    read = jinja2.PackageLoader.get_source

    def changed(self, environment, template):
        source, *rest = read(self, environment, template)
        return source + "more", *rest

    monkeypatch.setattr(jinja2.PackageLoader, "get_source", changed)
    made(**OPTIONS)
    assert compiled == [NAME] * 2


@pytest.mark.usefixtures("folder")
def test_another_version_of_jinja_compiles_it_again(compiled, monkeypatch):
    made(**OPTIONS)
    monkeypatch.setattr(jinja2.compiler, "__file__", __file__)
    made(**OPTIONS)
    assert compiled == [NAME] * 2


def test_where_nothing_can_be_written_it_is_compiled_each_time(folder, compiled):
    folder.write_text("a file, where a folder would have to be")
    for _ in range(2):
        made(**OPTIONS)
    assert compiled == [NAME] * 2


def test_nothing_is_written_where_python_is_told_so(folder, compiled, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    for _ in range(2):
        made(**OPTIONS)
    assert compiled == [NAME] * 2
    assert not folder.exists()
