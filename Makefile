# Everything a person does with a clone. Needs Python 3.11, make and the package index; `make help` lists the targets.

PYTHON ?=
OUT ?= out/lighthouse
EXAMPLE := docs/examples/lighthouse/project.json
BIN := .venv/bin
READY := .venv/.ready

export PYTHON
# Without bytecode files every process compiles Ray, SciPy and SQLAlchemy again: 6 s instead of 2.6 s on two cores.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup episode test lint format types layers gates audit soak bench schemas golden lock bare-machine clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 15

setup: $(READY) ## make .venv, once, and again when a pin or pyproject.toml changed

$(READY): requirements.lock requirements.bootstrap pyproject.toml tools/set_up.sh
	@echo "Setting up .venv (once; 3 GB of downloads and 7 GB of disk the first time)"
	@tools/set_up.sh

episode: $(READY) ## render the example story and say where the video is
	$(BIN)/reelwright run $(EXAMPLE) --out $(OUT)
	@find "$(CURDIR)/$(OUT)" -maxdepth 1 -name '*.mp4' -exec echo "Video:" {} \;

test: $(READY) ## the tests, without the soak
	$(BIN)/python -m pytest --numprocesses=2 --no-loadscope-reorder $(TESTS)

lint: $(READY) ## ruff: rules and format
	$(BIN)/ruff check
	$(BIN)/ruff format --check

format: $(READY) ## ruff: mend what can be mended
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

types: $(READY) ## mypy --strict, the packages and the tools
	$(BIN)/mypy
	$(BIN)/mypy tools

layers: $(READY) ## imports point down
	$(BIN)/lint-imports

gates: $(READY) ## length of files, names, and calls that have one door
	$(BIN)/python -m tools.tree_gates

audit: $(READY) ## known holes in what is pinned, offline and by advisories
	$(BIN)/python -m tools.audit

soak: $(READY) ## the long tests: 1,000 kills, and properties on many fresh examples
	$(BIN)/python -m pytest -m "soak or hypothesis" --hypothesis-profile=soak --timeout=0 tests

bench: $(READY) ## cold, warm and one-line-edit runs, timed
	$(BIN)/python -m pytest -m "" --timeout=0 -s tests/bench

schemas: $(READY) ## write docs/schemas, docs/settings.md and docs/problems.md from the code
	$(BIN)/python -m tools.schema_docs
	$(BIN)/python -m tools.settings_docs
	$(BIN)/python -m tools.problem_docs

golden: $(READY) ## pin the bytes of the golden film, after a stage's version was bumped
	$(BIN)/python -m tools.golden

lock: $(READY) ## pin every dependency with its hashes
	$(BIN)/uv pip compile pyproject.toml --override requirements.overrides --generate-hashes --no-header --python-version 3.11 --output-file requirements.lock

bare-machine: ## prove set-up, film and tests in a bare Debian 12 (root, debootstrap)
	tools/bare_machine.sh

clean: ## remove .venv, outputs and caches
	rm -rf .venv out .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +
