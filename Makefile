# These two commands work on a new machine with Python, make and access to a package index:
#   make conformance   run the suite on the reference host and build the site with its verdicts
#   make test          run every test and check
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BUILD := build
REFERENCE := $(BUILD)/reference.ndjson
SITE := $(BUILD)/site

.PHONY: help conformance test lint site watch bench wheel test-kernels test-clients test-qemu results clean

help: ## list the targets of this file
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "mdevref needs Python 3.11 or newer; select it with: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

conformance: $(VENV)/.ready ## run the suite on the reference host and build the site with its verdicts
	@mkdir -p $(BUILD)
	$(BIN)/mdevref check reference --results $(REFERENCE)
	$(BIN)/mdevref site $(REFERENCE) --output $(SITE)

lint: $(VENV)/.ready ## check style, types, imports between packages, and the derived features
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/mdevref derive --check

test: lint ## run every test and check
	$(BIN)/python -m pytest --quiet -n 2 --dist worksteal

site: $(VENV)/.ready ## build the site with the committed results
	$(BIN)/mdevref site --output $(SITE)

watch: $(VENV)/.ready ## serve the site; rebuild and reload it on every change
	$(BIN)/mdevref site --watch --output $(SITE)

bench: $(VENV)/.ready ## run the benchmarks
	$(BIN)/python -m pytest --quiet -s tests/benchmarks --override-ini addopts="--strict-markers --import-mode=importlib"

test-clients: $(VENV)/.ready ## run mdevctl, udevadm and libvirt on the hosts of mdevref
	$(BIN)/python -m pytest --quiet -m clients tests/clients

test-kernels: $(VENV)/.ready ## run the suite in real kernels (KERNELS="6.1 6.12" or KERNELS=all)
	KERNELS="$(KERNELS)" $(BIN)/python -m pytest --quiet -s -m kernels tests/suite/vm

test-qemu: $(VENV)/.ready ## boot a guest in QEMU with a card of the reference host (downloads 45 MB once)
	@$(BIN)/python -m pytest --quiet -s -m qemu tests/servers/vfio_user/qemu

results: $(VENV)/.ready ## update docs/results: the reference, four kernels (QEMU), the walk-through
	@mkdir -p docs/results
	$(BIN)/mdevref check reference --seed 1 --results docs/results/reference.ndjson
	for kernel in $$($(BIN)/python -c 'from mdevref.suite.vm.kernels import KERNELS; print(*KERNELS)'); do \
	  $(BIN)/mdevref check vm:$$kernel --seed 1 --results docs/results/linux-$$kernel.ndjson || exit $$?; done
	$(MAKE) test-qemu
	cp $(BUILD)/walk-through.txt docs/results/walk-through.txt

wheel: $(VENV)/.ready ## build the wheel in dist/
	$(BIN)/python -m hatchling build --target wheel

clean: ## remove everything that make has created
	rm -rf $(VENV) $(BUILD) dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
