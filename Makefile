# The environment is made from requirements.lock alone: every package in it is checked against its hash.
# Packages come from wherever your own pip is set to look; no index is named here or in the lock.

.DEFAULT_GOAL := help
.PHONY: help setup chat serve test check eval screenshots lock clean environment python chromium

SUITS := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11; do \
	$$name -c '$(SUITS)' >/dev/null 2>&1 && echo $$name && exit; done; echo python3)
VENV := .venv
BIN := $(VENV)/bin
# -qq: errors are shown; warnings are about the user's own settings of pip, and not for us to repeat.
# --no-deps: the lock is complete, `pip check` says so.
# --no-compile: most modules are never imported, and those which are get compiled then.
PIP := $(BIN)/python -m pip
# Scripts of an environment name its folder, so one that was moved has to be made again.
KEY = $(shell { pwd; cat requirements.lock pyproject.toml; } | cksum)

help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' Makefile

setup: ## Make the environment, get the model files, index the documents; what is done is not done again
	@test "$$(cat $(VENV)/key 2>/dev/null)" = "$(KEY)" && $(BIN)/python -c '' || $(MAKE) --no-print-directory environment
	@$(BIN)/qa models fetch >$(VENV)/models
	@test -e $(VENV)/indexed || { $(BIN)/qa index && touch $(VENV)/indexed; }

chat: setup ## Open the web chat in your browser (in the terminal: .venv/bin/qa chat)
	@$(BIN)/qa serve --open $(ARGS)

serve: setup ## The web chat and the answers over HTTP
	@$(BIN)/qa serve $(ARGS)

test: setup chromium ## Run every test, the real model included (ARGS="-m 'not model'" leaves it out)
	@$(BIN)/python -m pytest $(ARGS)

check: setup chromium ## Format, lint, types and tests: what has to pass before a change goes in
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest $(ARGS)

# A data folder of its own: your documents stay indexed, and a server may go on running.
eval: setup ## Measure how true the answers are (ARGS="--help" lists the choices)
	@QA_DOCUMENTS=seeds QA_DATA=build/eval $(BIN)/qa index
	@QA_DOCUMENTS=seeds QA_DATA=build/eval $(BIN)/python -m evals $(ARGS)

screenshots: setup chromium ## Make the pictures of the README with the real model
	@$(BIN)/python -m tests.screenshots

lock: python ## Pin what pyproject.toml asks for in requirements.lock (ARGS=--upgrade takes the newest)
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && $(PYTHON) -m venv "$$folder" \
	&& "$$folder/bin/python" -m pip install -qq --disable-pip-version-check uv \
	&& "$$folder/bin/uv" pip compile pyproject.toml --extra dev --universal --python-version 3.11 \
		--generate-hashes --no-annotate --no-header --no-emit-index-url --quiet $(ARGS) -o requirements.lock

clean: ## Remove the environment, the index and caches; documents and model files stay
	rm -rf $(VENV) .qa build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -prune -exec rm -rf {} +

chromium: setup
	@$(BIN)/python -m tests.chromium

environment: python
	@echo "Installing the packages of requirements.lock into $(VENV): a minute or two"
	@$(PYTHON) -m venv --clear $(VENV)
	@PIP_USER=0 $(PIP) install -qq --disable-pip-version-check --no-compile --no-deps \
		--require-hashes -r requirements.lock
	@PIP_USER=0 $(PIP) install -qq --no-deps --no-build-isolation -e .
	@conflicts=$$($(PIP) check) || { echo "$$conflicts" >&2; exit 1; }
	@echo "$(KEY)" >$(VENV)/key

python:
	@$(PYTHON) -c '$(SUITS)' 2>/dev/null || { \
		echo "Python 3.11, 3.12 or 3.13 is needed; $(PYTHON) says: $$($(PYTHON) --version 2>&1)." ; \
		echo "Install one of them, or name it: make setup PYTHON=/path/to/python3.12" ; exit 1; } >&2
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) cannot make environments; on Debian and Ubuntu type: sudo apt install python3-venv" ; \
		exit 1; } >&2
