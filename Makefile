# Everything that is done to this collection, by name: "make help" lists it.
#
# Needs Python 3.11 or newer and a package index that pip can reach. All that is made stays in .venv and .cache.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

# A Python that is new enough and can make virtual environments; "make PYTHON=/path/to/python" decides otherwise.
USABLE := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in python3 python python3.12 python3.11 python3.13 python3.14; do \
	if $$p -c '$(USABLE)' 2>/dev/null; then echo $$p; break; fi; done)

VENV := .venv
BIN := $(VENV)/bin
CACHE := .cache
CLIENTS := $(CACHE)/venv-clients
AWX := $(CACHE)/venv-awx
CONFORMANCE := $(CACHE)/venv-conformance
MOLECULE := $(CACHE)/venv-molecule
BENCH := $(CACHE)/venv-bench
COLLECTION := ansible_collections/netops/peerguard
CONSTRAINTS := tests/constraints/ansible-core.txt

# The tree as a collections path (a link to this checkout), and the built collection as a user installs it.
SOURCE := $(CACHE)/source
SOURCE_LINK := $(SOURCE)/$(COLLECTION)
INSTALLED := $(CACHE)/collections

JOBS ?= 2
PYTEST_ARGS ?=
BENCH_ARGS ?=

# The Python of .venv, and the ends of what is supported that it does not cover.
VENV_VERSION = $(shell $(BIN)/python -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)
MATRIX = $(filter-out $(VENV_VERSION),3.11 3.12)
SCRIPTS := $(wildcard tests/copy-tree tests/find-python tests/own-labs tests/run-demo tests/conformance/run docs/site/build)
YAMLLINT_PATHS := $(wildcard galaxy.yml execution-environment.yml .ansible-lint .yamllint meta playbooks roles changelogs extensions tests awx)
# One Python only: ansible-test would also try every python3.x that it finds on PATH, working or not.
ANSIBLE_TEST_ARGS ?= --python $(VENV_VERSION)

# A site that keeps ansible-test from the web may have a script here that fills ansible-test's download cache.
ANSIBLE_TEST_BOOTSTRAP ?= $(wildcard ../shared/tools/ansible-test-bootstrap)

# What the installed artefact is made of; a change of any of these builds and installs it again.
CONTENT := $(shell find galaxy.yml README.md LICENSE LICENSES requirements.txt execution-environment.yml meta \
	plugins roles playbooks awx docs changelogs \
	-type f -not -name '*.pyc' 2>/dev/null)

pip_install = $(1)/bin/python -m pip install --quiet --disable-pip-version-check --constraint $(CONSTRAINTS) ansible-core

# Run the test suites in an environment of their own: its name, the Python version, the constraints file.
define tests_in
	@if python=$$(tests/find-python $(2)); then \
	  $(MAKE) --no-print-directory $(CACHE)/env/$(1)/.stamp PYTHON="$$python" CONSTRAINTS=$(3); \
	  $(CACHE)/env/$(1)/bin/python -m pytest -n $(JOBS) -o cache_dir=$(CACHE)/env/$(1)/pytest $(PYTEST_ARGS); \
	else \
	  echo "SKIPPED: no Python $(2) on this machine"; \
	fi
endef

## Users

.PHONY: demo
demo: $(INSTALLED)/.stamp  ## Install the built collection and run its demo against a mock lab
	tests/run-demo

.PHONY: test
test: lint types pytest  ## Lint, types, and the unit, golden, property and lab tests

## Parts of "make test"

.PHONY: lint
lint: $(VENV)/.test $(SOURCE_LINK)  ## ruff, shellcheck, yamllint, ansible-lint (production profile, offline)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/shellcheck .ci/run $(SCRIPTS)
	$(BIN)/yamllint --strict $(YAMLLINT_PATHS)
	PATH="$(CURDIR)/$(BIN):$$PATH" ANSIBLE_COLLECTIONS_PATH=$(CURDIR)/$(SOURCE) $(BIN)/ansible-lint --offline
	PATH="$(CURDIR)/$(BIN):$$PATH" ANSIBLE_COLLECTIONS_PATH=$(CURDIR)/$(SOURCE) \
	  $(BIN)/ansible-lint --offline --config-file /dev/null --profile production awx/project

.PHONY: types
types: $(VENV)/.test $(SOURCE_LINK)  ## mypy --strict on plugins/plugin_utils
	$(BIN)/mypy --strict -p $(subst /,.,$(COLLECTION)).plugins.plugin_utils

.PHONY: pytest
pytest: $(VENV)/.test $(SOURCE_LINK)  ## The test suites; PYTEST_ARGS="-k vrp" chooses
	$(BIN)/python -m pytest -n $(JOBS) $(PYTEST_ARGS)

.PHONY: format
format: $(VENV)/.test  ## Let ruff rewrite the Python files
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

## Slower gates

.PHONY: test-matrix
test-matrix: $(VENV)/.test $(SOURCE_LINK)  ## The test suites with the Python and ansible-core that "make test" did not use
	$(MAKE) --no-print-directory $(MATRIX:%=test-python-%)

test-python-%: $(SOURCE_LINK)
	$(call tests_in,python$*,$*,$(CONSTRAINTS))

.PHONY: test-properties
test-properties: $(VENV)/.test $(SOURCE_LINK)  ## Every property with a thousand new examples
	HYPOTHESIS_PROFILE=thorough $(BIN)/python -m pytest -n $(JOBS) -m hypothesis tests/unit $(PYTEST_ARGS)

.PHONY: test-lowest
test-lowest: $(SOURCE_LINK)  ## The test suites with the lowest version of everything that is allowed
	$(call tests_in,lowest,3.11,tests/constraints/lowest.txt)

.PHONY: test-clients
test-clients: $(CLIENTS)/.stamp $(SOURCE_LINK)  ## Clients that others wrote (netmiko, cisco.ios, NAPALM, OpenSSH) against the lab
	$(CLIENTS)/bin/python -m pytest -n $(JOBS) -o cache_dir=$(CLIENTS)/pytest tests/clients $(PYTEST_ARGS)

.PHONY: test-molecule
test-molecule: $(MOLECULE)/.stamp $(SOURCE_LINK) | $(VENV)/pyvenv.cfg  ## Every role on the lab with molecule, and the example of docs/molecule.md
	PATH="$(CURDIR)/$(MOLECULE)/bin:$$PATH" ANSIBLE_COLLECTIONS_PATH=$(CURDIR)/$(SOURCE) \
	  tests/own-labs molecule test --all --no-command-borders
	$(MOLECULE)/bin/python -m pytest -o cache_dir=$(MOLECULE)/pytest tests/docs/test_molecule_page.py $(PYTEST_ARGS)

.PHONY: test-awx
test-awx: $(AWX)/.stamp $(SOURCE_LINK)  ## Every AWX job template with ansible-runner, awx/apply.yml, ansible-builder
	$(AWX)/bin/python -m pytest -n $(JOBS) -o cache_dir=$(AWX)/pytest tests/awx $(PYTEST_ARGS)

.PHONY: conformance
conformance: $(CONFORMANCE)/.stamp  ## Licences, Galaxy's importer, and the demo in an empty environment
	tests/conformance/run $(CONFORMANCE) $(abspath $(VENV))/bin/python

.PHONY: sanity
sanity: $(VENV)/.demo  ## ansible-test sanity on a copy of the tree, with no ignore files
	$(if $(ANSIBLE_TEST_BOOTSTRAP),$(ANSIBLE_TEST_BOOTSTRAP))
	tests/copy-tree $(CACHE)/sanity/$(COLLECTION)
	cd $(CACHE)/sanity/$(COLLECTION) && PATH="$(CURDIR)/$(BIN):$$PATH" ansible-test sanity --venv $(ANSIBLE_TEST_ARGS)

.PHONY: docs-lint
docs-lint: $(VENV)/.docs $(SOURCE_LINK)  ## Plugin documentation, docs/docsite and changelog fragments
	PATH="$(CURDIR)/$(BIN):$$PATH" ANSIBLE_COLLECTIONS_PATH=$(CURDIR)/$(SOURCE) \
	  $(BIN)/antsibull-docs lint-collection-docs --plugin-docs .
	$(BIN)/antsibull-changelog lint

.PHONY: docs
docs: $(VENV)/.docs $(SOURCE_LINK)  ## The HTML site in .cache/docs/html; warnings are errors
	PATH="$(CURDIR)/$(BIN):$$PATH" ANSIBLE_COLLECTIONS_PATH=$(CURDIR)/$(SOURCE) docs/site/build $(CACHE)/docs

.PHONY: bench
bench: $(BENCH)/.stamp $(SOURCE_LINK)  ## Speed beside network_cli, nornir and Ansible's floor; BENCH_ARGS="--help" tells how to choose
	ANSIBLE_COLLECTIONS_PATH=$(CURDIR)/$(SOURCE) PYTHONPATH=$(CURDIR)/$(SOURCE) $(BENCH)/bin/python tests/bench $(BENCH_ARGS)

.PHONY: bench-lab
bench-lab: $(VENV)/.demo $(SOURCE_LINK)  ## What a large lab costs; BENCH_ARGS="--lab 200" chooses
	ANSIBLE_COLLECTIONS_PATH=$(CURDIR)/$(SOURCE) PYTHONPATH=$(CURDIR)/$(SOURCE) $(BIN)/python tests/bench/size.py $(BENCH_ARGS)

.PHONY: build
build: $(INSTALLED)/.stamp  ## Build the artefact and install it into .cache/collections

.PHONY: clean
clean:  ## Remove all that was made here
	rm -rf $(VENV) $(CACHE) .ansible .hypothesis

.PHONY: help
help:  ## This list
	@sed -n 's/^\([a-z-]*\):.*  ## /  \1: /p; s/^## /\n/p' $(MAKEFILE_LIST)

# Virtual environments: .demo has what a user needs, .test and .docs add the tools of the gates.

$(VENV)/pyvenv.cfg:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer with the venv module is needed" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: requirements.txt $(CONSTRAINTS) | $(VENV)/pyvenv.cfg
	$(call pip_install,$(VENV)) -r requirements.txt
	touch $@

$(VENV)/.test: tests/requirements.txt tests/requirements-pytest.txt $(VENV)/.demo
	$(call pip_install,$(VENV)) -r requirements.txt -r tests/requirements.txt
	touch $@

$(VENV)/.docs: docs/requirements.txt $(VENV)/.demo
	$(call pip_install,$(VENV)) -r docs/requirements.txt
	touch $@

$(CACHE)/env/%/.stamp: requirements.txt tests/requirements-pytest.txt $(CONSTRAINTS)
	$(PYTHON) -m venv $(@D)
	$(call pip_install,$(@D)) -r requirements.txt -r tests/requirements-pytest.txt
	touch $@

$(CLIENTS)/.stamp: requirements.txt tests/requirements-pytest.txt tests/clients/requirements.txt $(CONSTRAINTS)
	$(PYTHON) -m venv --clear $(@D)
	$(call pip_install,$(@D)) -r requirements.txt -r tests/clients/requirements.txt
	touch $@

$(BENCH)/.stamp: requirements.txt tests/bench/requirements.txt $(CONSTRAINTS)
	$(PYTHON) -m venv --clear $(@D)
	$(call pip_install,$(@D)) -r requirements.txt -r tests/bench/requirements.txt
	touch $@

$(AWX)/.stamp: requirements.txt tests/requirements-pytest.txt tests/awx/requirements.txt $(CONSTRAINTS)
	$(PYTHON) -m venv --clear $(@D)
	$(call pip_install,$(@D)) -r requirements.txt -r tests/awx/requirements.txt
	touch $@

$(CONFORMANCE)/.stamp: tests/conformance/requirements.txt $(CONSTRAINTS) | $(VENV)/pyvenv.cfg
	$(PYTHON) -m venv --clear $(@D)
	$(call pip_install,$(@D)) -r tests/conformance/requirements.txt
	touch $@

$(MOLECULE)/.stamp: requirements.txt tests/requirements-pytest.txt tests/requirements-molecule.txt $(CONSTRAINTS)
	$(PYTHON) -m venv --clear $(@D)
	$(call pip_install,$(@D)) -r requirements.txt -r tests/requirements-molecule.txt
	touch $@

$(SOURCE_LINK):
	mkdir -p $(@D)
	ln -sfn $(CURDIR) $@

$(INSTALLED)/.stamp: $(VENV)/.demo $(CONTENT)
	rm -rf $(CACHE)/artefact $(INSTALLED)
	mkdir -p $(CACHE)/artefact $(INSTALLED)
	$(BIN)/ansible-galaxy collection build --output-path $(CACHE)/artefact
	ANSIBLE_COLLECTIONS_PATH=$(CURDIR)/$(INSTALLED) $(BIN)/ansible-galaxy collection install --offline --collections-path $(INSTALLED) $(CACHE)/artefact/*.tar.gz
	touch $@
