# Set-up, demo and checks, each from a bare clone. `make` alone lists them.

VENV ?= .venv
PYTHON ?= python3
ARGS ?=

BIN = $(VENV)/bin
# The virtual environment as it should be; older than what it was made from, it is made again.
READY = $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint types lock schema metrics clean

help:
	@echo 'make demo    a simulated fleet, and the drives of this machine: Ctrl-C ends it'
	@echo 'make test    the tests; one of them: make test ARGS="-k belief"'
	@echo 'make lint    style and format'
	@echo 'make types   types'
	@echo 'make lock    requirements/ from pyproject.toml; newest versions: make lock ARGS=--upgrade'
	@echo 'make schema  docs/events/schema-v1.json from bus/contract.py'
	@echo 'make metrics docs/metrics.md from aggregator/serve/metrics.py'
	@echo 'make clean   remove what these commands made'
	@echo 'The virtual environment is $(VENV); another place: VENV=/path, another Python: PYTHON=...'

setup: $(READY)

demo: $(READY)
	@$(BIN)/drivefleet demo $(ARGS)

test: $(READY)
	@export PATH="$$PATH:/usr/sbin:/sbin"; \
	want() { command -v $$1 >/dev/null || \
	  echo "make test: $$1 is missing: tests that $$3 are skipped; apt install $$2"; }; \
	want smartctl smartmontools 'read drives'; \
	want qemu-system-x86_64 qemu-system-x86 'boot a machine with drives'; \
	want promtool prometheus 'check metrics with promtool'; \
	$(BIN)/pytest $(ARGS)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy
	$(BIN)/mypy tests bench

# No file names an index: whoever installs chooses it, and the hashes hold for each.
COMPILE = $(BIN)/uv pip compile pyproject.toml --quiet --universal --generate-hashes --no-header \
	--no-emit-index-url --no-emit-find-links $(ARGS)

lock: $(READY)
	$(COMPILE) --extra agent -o requirements/agent.txt
	$(COMPILE) --extra aggregator -o requirements/aggregator.txt
	$(COMPILE) --all-extras --group dev -o requirements/dev.txt

schema: $(READY)
	$(BIN)/python -m bus.schema > docs/events/.schema && mv docs/events/.schema docs/events/schema-v1.json

metrics: $(READY)
	$(BIN)/python -m aggregator.serve.catalogue > docs/.metrics && mv docs/.metrics docs/metrics.md

clean:
	if [ -f $(VENV)/pyvenv.cfg ]; then rm -rf $(VENV); fi
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage dist
	find . -name __pycache__ -prune -exec rm -rf {} +

$(READY): requirements/dev.txt pyproject.toml
	@command -v $(PYTHON) >/dev/null || \
	  { echo 'make: $(PYTHON) is missing: apt install python3 python3-venv' >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "make: $$($(PYTHON) --version) is too old: 3.11 or newer is needed; name one with PYTHON=" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo 'make: $(PYTHON) cannot make virtual environments: apt install python3-venv' >&2; exit 1; }
	@echo 'make: setting up $(VENV), once'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
