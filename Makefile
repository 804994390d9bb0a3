# Two commands do everything on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
DEMO   ?= sheets

.PHONY: demo test bench lint types contracts unit clean

demo: $(VENV)/.app
	@$(BIN)/python -m app --demo $(DEMO)

test: lint types contracts unit

lint: $(VENV)/.dev
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .

types: $(VENV)/.dev
	@$(BIN)/mypy --no-error-summary

contracts: $(VENV)/.dev
	@$(BIN)/lint-imports > $(VENV)/contracts.log || { cat $(VENV)/contracts.log; exit 1; }

unit: $(VENV)/.dev
	@QT_QPA_PLATFORM=$${QT_QPA_PLATFORM:-offscreen} $(BIN)/python -m pytest

bench: $(VENV)/.dev
	@QT_QPA_PLATFORM=$${QT_QPA_PLATFORM:-offscreen} $(BIN)/python -m tests.benchmarks

clean:
	rm -rf $(VENV) demo.png

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v >= (3, 11) else \
	  "Cutline needs Python 3.11 or newer and %s is %d.%d: run make PYTHON=python3.11 (or newer)." % (sys.executable, v[0], v[1]))'
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "Python's venv is incomplete: on Debian and Ubuntu, sudo apt install python3-venv" >&2; exit 1; }

$(VENV)/.app: $(VENV)/bin/python pyproject.toml constraints.txt
	@echo "Installing Cutline into $(VENV) (a few minutes the first time) ..." >&2
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.app
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@
