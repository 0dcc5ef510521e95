# Thin: each target says what to run, tests/ says how. `make` lists the targets.
PYTHON ?= python3
SETUP := $(PYTHON) tests/setup
CHECK := $(PYTHON) tests/tools
LABCTL := build/venvs/lab/bin/python tests/lab/labctl.py
# Where set-up has not finished the lab's Python there is no lab to stop.
lab_down = if test -e build/setup/lab.stamp; then $(LABCTL) down --state-dir $(1); fi
# Bytecode is kept, or every process compiles boto3 anew; but not beside the sources.
export PYTHONPYCACHEPREFIX := $(CURDIR)/build/pycache
unexport PYTHONDONTWRITEBYTECODE
# Debian keeps servers where an ordinary user's PATH does not look.
export PATH := $(PATH):/usr/local/sbin:/usr/sbin:/sbin

# LAB=file.yml  another description of the lab's servers     SQL=dump.sql[.gz]  your data instead of the sample
# SOURCES=n     how many source servers                      KEEP=1             leave the demo's lab up
# CASES='a b'   what make bench measures: large small pipeline resume growth accounts accounts-500 routines assess
# RUNS=n        how often make bench runs each tool          LIMIT=n            seconds that a tool's runs may take
# SCALE=0.05    a trial of make bench with small sizes
LAB_OPTIONS = $(if $(LAB),--lab '$(LAB)') $(if $(SOURCES),--sources $(SOURCES)) $(if $(SQL),--sql '$(SQL)')
BENCH_OPTIONS = $(if $(CASES),--cases $(CASES)) $(if $(RUNS),--runs $(RUNS)) $(if $(SCALE),--scale $(SCALE)) $(if $(LIMIT),--limit $(LIMIT))

.DEFAULT_GOAL := help
.PHONY: help setup demo demo-down lab lab-down lint docs sanity unit integration molecule test bench build clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-19s%s\n", $$1, $$2 }'
	@sed -n 's/^# \([A-Z]*=\)/  \1/p' $(MAKEFILE_LIST)

setup: ## install what all the other targets need, under build/
	@$(SETUP) all

demo: ## move a database through the lab: LAB= SQL= SOURCES= KEEP=1
	@$(SETUP) demo
	@build/venvs/newest/bin/python tests/demo $(LAB_OPTIONS) $(if $(KEEP),--keep)

demo-down: ## stop the lab that `make demo KEEP=1` left up
	@$(call lab_down,build/lab-demo)

lab: ## start the lab and leave it up: LAB= SQL= SOURCES=
	@$(SETUP) lab
	@$(LABCTL) up $(LAB_OPTIONS)

lab-down: ## stop the lab that `make lab` started
	@$(call lab_down,build/lab)

lint: ## ansible-lint, ruff, mypy, yamllint, the Python versions of hosts and controllers
	@$(SETUP) lint
	@$(CHECK) lint

docs: ## the documentation of plugins and roles, the changelog, the links
	@$(SETUP) lint
	@$(CHECK) docs

sanity: ## ansible-test sanity
	@$(SETUP) sanity
	@$(CHECK) sanity

unit: ## unit tests, and the lab's tests of itself
	@$(SETUP) unit
	@$(CHECK) unit lab

integration: ## all integration tests, with the newest ansible-core and with the oldest
	@$(SETUP) integration
	@$(CHECK) --thorough integration

molecule: ## role xtrabackup in containers, every other role against the lab
	@$(SETUP) molecule
	@$(CHECK) --thorough molecule

test: ## all of the checks above but the slowest tests of integration and molecule, which the output names
	@$(SETUP) all
	@$(CHECK)

bench: ## measure side by side with other tools, about an hour: CASES= RUNS= SCALE= LIMIT=
	@$(SETUP) bench
	@build/venvs/bench/bin/python tests/bench $(BENCH_OPTIONS)

build: ## the collection's tarball, in build/
	@$(SETUP) demo
	@build/venvs/newest/bin/ansible-galaxy collection build --force --output-path build

clean: demo-down lab-down ## stop the labs and remove all that was installed or made under build/
	@rm -rf build
