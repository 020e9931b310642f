# Two commands set up everything on a fresh machine with Python, make and a package index:
#   make conformance   the suite on the reference host, and the site that shows its verdicts
#   make test          every test and check
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BUILD := build
REFERENCE := $(BUILD)/reference.ndjson
SITE := $(BUILD)/site

.PHONY: help conformance test lint site watch bench wheel test-kernels test-clients test-qemu results clean

help: ## what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "mdevref needs Python 3.11 or newer; name one with: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

conformance: $(VENV)/.ready ## the suite on the reference host, and the site with its verdicts
	@mkdir -p $(BUILD)
	$(BIN)/mdevref check reference --results $(REFERENCE)
	$(BIN)/mdevref site $(REFERENCE) --output $(SITE)

lint: $(VENV)/.ready ## style, types, the arrows of the plan, features as derived
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/mdevref derive --check

test: lint ## every test and check
	$(BIN)/python -m pytest --quiet -n 2 --dist worksteal

site: $(VENV)/.ready ## the site, with the committed results
	$(BIN)/mdevref site --output $(SITE)

watch: $(VENV)/.ready ## the site, built again and reloaded at every change
	$(BIN)/mdevref site --watch --output $(SITE)

bench: $(VENV)/.ready ## the benchmarks
	$(BIN)/python -m pytest --quiet -s tests/benchmarks --override-ini addopts="--strict-markers --import-mode=importlib"

test-clients: $(VENV)/.ready ## mdevctl, udevadm and libvirt on the hosts that come along
	$(BIN)/python -m pytest --quiet -m clients tests/clients

test-kernels: $(VENV)/.ready ## the suite in real kernels (KERNELS="6.1 6.12" or KERNELS=all)
	KERNELS="$(KERNELS)" $(BIN)/python -m pytest --quiet -s -m kernels tests/suite/vm

test-qemu: $(VENV)/.ready ## a guest in QEMU with a card of the reference host (fetched once, 45 MB)
	@$(BIN)/python -m pytest --quiet -s -m qemu tests/servers/vfio_user/qemu

results: $(VENV)/.ready ## docs/results again: the reference, the four kernels (QEMU), the walk-through
	@mkdir -p docs/results
	$(BIN)/mdevref check reference --seed 1 --results docs/results/reference.ndjson
	for kernel in $$($(BIN)/python -c 'from mdevref.suite.vm.kernels import KERNELS; print(*KERNELS)'); do \
	  $(BIN)/mdevref check vm:$$kernel --seed 1 --results docs/results/linux-$$kernel.ndjson || exit $$?; done
	$(MAKE) test-qemu
	cp $(BUILD)/walk-through.txt docs/results/walk-through.txt

wheel: $(VENV)/.ready ## the wheel, in dist/
	$(BIN)/python -m hatchling build --target wheel

clean: ## remove what was made here
	rm -rf $(VENV) $(BUILD) dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
