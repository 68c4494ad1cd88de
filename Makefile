# `make demo` and `make test` are all that a new machine needs: Python 3.11+ and make.
# CONSTRAINTS and PIP_ARGS choose another PyTorch build (the reward model needs one), such as
# PIP_ARGS="--extra-index-url https://download.pytorch.org/whl/cpu".
# Everything is installed into $(VENV); nothing outside this folder is touched.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
CONSTRAINTS ?= constraints.txt
PIP_ARGS ?=
# A language model for the demo: a name that `accord model list` has, ORG/MODEL:FILE.gguf, or a path.
MODEL ?=
RUN_STAMP := $(VENV)/.installed
TEST_STAMP := $(VENV)/.installed-test
DEPLOY_STAMP := $(VENV)/.installed-deploy
ARGS ?=
# Compiled test modules are kept, also where the machine says not to: compiling takes half of collecting them.
unexport PYTHONDONTWRITEBYTECODE
# Test processes: many tests wait for a server, so that three for two cores pay.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(min(8, -(-3 * (os.cpu_count() or 1) // 2)))' 2>/dev/null || echo 2)
# A file stays with one process. Files keep their order (tests/conftest.py), not the most tests first: the longest have few.
PYTEST := $(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

.PHONY: help demo test test-all test-long test-again test-deploy check format messages pictures docs docs-pictures benchmarks licences dist clean

help:  ## what can be made here
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 14

demo: $(RUN_STAMP)  ## set up and run a deliberation in the browser (ARGS=--once: in the terminal; MODEL=NAME: with that model)
	@$(if $(MODEL),$(BIN)/accord model get '$(MODEL)' --use)
	@$(BIN)/accord demo $(ARGS)

test: $(TEST_STAMP)  ## set up and pass the checks and the tests
	@$(MAKE) --no-print-directory -j 2 lint tests

test-all: test test-long  ## the same, then the long tests

test-long: $(TEST_STAMP)  ## whole learning loops, tens of thousands of records
	$(PYTEST) -m long $(ARGS) $$(grep -rl --include='*.py' 'mark\.long' tests)

test-again: $(TEST_STAMP)  ## those tests alone that failed the last time (MARK=long: of the long ones)
	$(BIN)/pytest --last-failed --last-failed-no-failures none -m "$(or $(MARK),not long)" $(ARGS)

test-deploy: $(DEPLOY_STAMP)  ## the chart, compose, images, units and the wheel, with Helm, Compose and hadolint themselves
	$(BIN)/pytest $(ARGS) tests/deploy

check: $(TEST_STAMP)  ## format, lint, types, import rules and the core's tests, in a minute
	@$(MAKE) --no-print-directory -j 2 lint tests-fast

pictures: $(TEST_STAMP)  ## every card, window and page as a picture, to be looked at (in pictures/; needs a Chromium)
	$(BIN)/python -m tests.pictures pictures

docs: $(TEST_STAMP)  ## build the documentation site into site/, strictly: a dead link or a missing page ends it
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict -f deploy/docs/mkdocs.yml

docs-pictures: $(TEST_STAMP)  ## draw the site's pictures again (needs a Chromium)
	$(BIN)/python -m tests.pictures.site

messages: $(TEST_STAMP)  ## take every sentence out of the code into the catalogues of all languages
	$(BIN)/python -m tests.messages $(if $(FROM),--from $(FROM) --language $(LANGUAGE))

# The checks beside the tests, many of which wait for a server.
.PHONY: lint tests tests-fast
tests:
	$(PYTEST) -m "not long" $(ARGS)

tests-fast:
	$(PYTEST) -q --fast $(ARGS)

lint:
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(TEST_STAMP)  ## put the code into the house's form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

benchmarks: $(TEST_STAMP)  ## measure what README claims, side by side in one run
	$(BIN)/python -m tests.benchmarks.opinions
	$(BIN)/python -m tests.benchmarks.round_end
	$(BIN)/python -m tests.benchmarks.reward_families
	$(BIN)/python -m tests.benchmarks.slack_load
	$(BIN)/python -m tests.benchmarks.discord_load
	$(BIN)/python -m tests.benchmarks.people
	$(BIN)/python -m tests.benchmarks.crowd --made-up

licences: $(TEST_STAMP)  ## the licences of everything that Accord draws in; fails if one does not fit
	@$(BIN)/python -m tests.licences

dist: $(DEPLOY_STAMP)  ## the wheel, the source and a bill of materials (SBOM), in dist/
	deploy/release/build.sh $(BIN)/python

clean:  ## remove the virtual environment and the demo's data
	rm -rf $(VENV) .accord site

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Accord needs Python 3.11 or newer; name one with: make PYTHON=python3.12"; exit 2; }
	@$(PYTHON) -m venv $(VENV) \
	  || { echo "Python cannot make a virtual environment here; on Debian: apt install python3-venv"; exit 2; }

$(RUN_STAMP): pyproject.toml constraints.txt | $(BIN)/python
	@echo "Setting up in $(VENV), with PyTorch (once; a minute or two) …"
	@$(PIP) install --quiet -c $(CONSTRAINTS) $(PIP_ARGS) -e '.[engine]'
	@$(PIP) install --quiet -c $(CONSTRAINTS) $(PIP_ARGS) --only-binary xllamacpp -e '.[local]' \
	  || echo "There is no llama.cpp for this machine, so models need a server; all else works."
	@touch $@

$(TEST_STAMP): $(RUN_STAMP)
	@$(PIP) install --quiet -c $(CONSTRAINTS) $(PIP_ARGS) -e '.[test]'
	@touch $@

$(DEPLOY_STAMP): $(TEST_STAMP)
	@$(PIP) install --quiet -c $(CONSTRAINTS) $(PIP_ARGS) -e '.[deploy]'
	@touch $@
