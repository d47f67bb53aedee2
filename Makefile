# What a clone needs: make, and Python 3.11 or newer with venv and pip. Everything else goes into .venv.
#
#   make demo      the main job on a bundled example, into demo/
#   make test      linters, types, import contracts, tests with branch coverage
#   make lint      the same without the tests
#   make golden    write generated/ anew
#   make mutations break right derivations, count what is found, write docs/mutations.md (minutes)
#   make fuzz      run readers and verifier on inputs that atheris makes, SECONDS=60 for each (needs atheris)
#   make bench     measure speed and accuracy, into docs/benchmark.md (QUICK=--quick: some minutes)
#   make clean     remove whatever the others made

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DELETE_ON_ERROR:
.PHONY: help demo test lint golden mutations fuzz bench clean

help:
	@sed -n 's/^#   //p' Makefile

demo: $(VENV)/.installed
	@$(BIN)/chainrule demo -o demo

test: lint
	@$(BIN)/python -m pytest -q -n 2 --dist worksteal --cov=derive --cov=codegen --cov-branch --cov-report=term:skip-covered

lint: $(VENV)/.installed-test
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/mypy
	@$(BIN)/lint-imports

golden: $(VENV)/.installed
	@$(BIN)/python -m codegen.golden --update

bench: $(VENV)/.installed-bench
	@$(BIN)/python tests/bench $(QUICK)

mutations: $(VENV)/.installed-test
	@cd tests && ../$(BIN)/python -m mutations --output ../docs/mutations.md

fuzz: $(VENV)/.installed-fuzz
	@cd tests && ../$(BIN)/python -m fuzz --seconds $(or $(SECONDS),60)

clean:
	@rm -rf $(VENV) demo build dist *.egg-info .coverage .coverage.* htmlcov
	@rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	@find derive codegen generated tests -name __pycache__ -prune -exec rm -rf {} +

# The stamps are written last: an installation that was broken off is done again.
$(VENV)/.installed: pyproject.toml
	@$(require-python)
	@echo "Installing into $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install --editable .
	@touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	@$(PIP) install --editable '.[test]'
	@touch $@

$(VENV)/.installed-fuzz: $(VENV)/.installed
	@$(PIP) install --editable '.[fuzz]' || { \
	  echo "chainrule: atheris does not install for $$($(BIN)/python --version 2>&1); where it has no wheel it needs clang" >&2; \
	  exit 1; }
	@touch $@

$(VENV)/.installed-bench: $(VENV)/.installed
	@$(PIP) install --editable '.[bench]'
	@touch $@

define require-python
command -v $(PYTHON) >/dev/null || { \
  echo "chainrule: there is no $(PYTHON) here; name another with: make PYTHON=/path/to/python3" >&2; exit 1; }; \
$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
  echo "chainrule: needs Python 3.11 or newer, and $(PYTHON) is $$($(PYTHON) --version 2>&1);" \
    "name another with: make PYTHON=/path/to/python3" >&2; exit 1; }; \
$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
  echo "chainrule: $(PYTHON) lacks the module venv or ensurepip;" \
    "on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
endef
