# Two commands matter: `make demo` and `make test`. Everything lives in .venv; delete it to begin anew.
PYTHON ?= python3
BIN := .venv/bin
UV := $(BIN)/uv
INSTALL := $(UV) pip sync --quiet --require-hashes --compile-bytecode --python $(BIN)/python

.PHONY: demo test lint checks lab long lock clean

demo: .venv/base
	$(BIN)/engagerr demo

lab: .venv/base
	$(BIN)/engagerr lab

test: .venv/dev lint checks

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy

# Kernels run three ways: compiled, with bounds checked, and as plain Python under coverage.
checks: .venv/dev
	NUMBA_BOUNDSCHECK=1 $(BIN)/pytest -q tests/kernels tests/benchmarks
	NUMBA_DISABLE_JIT=1 $(BIN)/coverage run --source=engagerr_core/kernels -m pytest -q tests/kernels tests/benchmarks
	$(BIN)/coverage report --fail-under=95 --omit=engagerr_core/kernels/dispatch.py  # its compiling half is tested with the JIT
	$(BIN)/pytest -m "not long"

long: .venv/dev
	$(BIN)/pytest -m long
	$(BIN)/python -m tests.benchmarks

.venv/bootstrap: locks/bootstrap.lock
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Engagerr needs Python 3.11 or newer; set PYTHON=…")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r locks/bootstrap.lock
	touch $@

.venv/base: .venv/bootstrap locks/requirements.lock pyproject.toml
	test -e .venv/dev || $(INSTALL) locks/bootstrap.lock locks/requirements.lock
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --offline --editable .
	touch $@

.venv/dev: .venv/bootstrap locks/requirements-dev.lock pyproject.toml
	$(INSTALL) locks/bootstrap.lock locks/requirements-dev.lock
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --offline --editable .
	touch $@ .venv/base

# The locks carry hashes and no addresses.
COMPILE := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links
lock: .venv/bootstrap
	printf 'uv\nhatchling\neditables\n' | $(COMPILE) --output-file locks/bootstrap.lock -
	$(COMPILE) --constraint locks/bootstrap.lock --output-file locks/requirements.lock pyproject.toml
	$(COMPILE) --constraint locks/requirements.lock --constraint locks/bootstrap.lock --group dev --output-file locks/requirements-dev.lock pyproject.toml

clean:
	rm -rf .venv data/workspace data/demo reports/out
