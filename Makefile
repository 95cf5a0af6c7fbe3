# Everything runs in .venv, made on first use from pyproject.toml.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: demo test soak bench check format docs clean

demo: $(READY)
	@rm -f demo.db demo.db-wal demo.db-shm
	@$(BIN)/campaign --db demo.db demo

test: $(READY)
	$(BIN)/pytest -q -n 2 --dist worksteal

soak: $(READY)
	HYPOTHESIS_PROFILE=soak $(BIN)/pytest -q -n 2 --dist worksteal

bench: $(READY)
	@$(BIN)/pip install --quiet --disable-pip-version-check -e '.[bench]'
	@PYTHONPATH=tests $(BIN)/python -m benchmarks $(ARGS)

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(READY)
	$(BIN)/python -m docs.generate

clean:
	rm -rf .venv build dist *.egg-info

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed; set PYTHON=python3.x")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --upgrade pip
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $(READY)
