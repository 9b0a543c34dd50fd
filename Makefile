# Everything a newcomer needs: `make run`, `make test`. The rest is for those who change the code.

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# The first Python that is new enough; override with `make PYTHON=/path/to/python3`.
PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { command -v "$$python"; break; }; done)
# Processes that share out the tests, each with a PostgreSQL of its own.
WORKERS ?= 3
# Compiled modules are kept wherever the machine says otherwise: a process that has to compile the
# service anew uses as much CPU on that as on all else of its start.
unexport PYTHONDONTWRITEBYTECODE
# Addresses stay out of the lock files: pip asks whatever registry the machine is set up for.
COMPILE = uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

.PHONY: help setup run demo test test-sqlite check collect format coverage lock migration bench clean

help: ## list these targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(READY) ## make .venv with everything in it, the command `sira` included

# An environment without pip is one that was not finished (Debian without python3-venv leaves one), or
# whose Python is gone: it is made anew.
$(READY): requirements-dev.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed" >&2; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || "$(PYTHON)" -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes \
		-r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps \
		--no-build-isolation --editable .
	@touch $(READY)

run: setup ## serve on http://127.0.0.1:8000 (ARGS='--port 8001': elsewhere); prints an admin key once
	@$(BIN)/sira serve $(ARGS)

demo: setup ## play the Kayes blockade of September 2025 through the whole chain
	@$(BIN)/sira demo

# What asks PostgreSQL for nothing of its own runs on SQLite alone; `ARGS='--db both'`: on both.
test: setup ## run every test, on SQLite and on PostgreSQL
	@$(BIN)/pytest -n $(WORKERS) --dist worksteal $(ARGS)

test-sqlite: setup ## the same on SQLite only: faster
	@$(BIN)/pytest -n $(WORKERS) --dist worksteal --db sqlite $(ARGS)

check: setup ## format, lint, types, order of imports, dependencies, Dockerfile
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/deptry app
	$(BIN)/hadolint Dockerfile

# Each process that runs tests compiles, for itself, whatever nobody has: the service, what it is
# made with, every test. Once is cheaper, beside checks that leave a core idle: make -j2 check collect
collect: setup ## find every test, and compile what is needed to run it
	@found=$$($(BIN)/pytest --collect-only -q) || { echo "$$found"; exit 1; }

format: setup ## write the code as `make check` wants it
	$(BIN)/ruff check --fix --exit-zero .
	$(BIN)/ruff format .

coverage: setup ## run the tests and show the lines that none of them runs
	$(BIN)/coverage run -m pytest $(ARGS)
	$(BIN)/coverage report

lock: ## pin every dependency with its hashes anew (uv, in an environment of its own)
	@set -e; folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; \
	"$(PYTHON)" -m venv "$$folder"; \
	"$$folder/bin/python" -m pip install --quiet --disable-pip-version-check uv; \
	PATH="$$folder/bin:$$PATH"; \
	$(COMPILE) --output-file requirements.lock; \
	$(COMPILE) --group dev --output-file requirements-dev.lock

migration: setup ## write a migration from what app/db/tables changed: make migration ID=0003 NAME="what"
	@folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; url="sqlite:///$$folder/sira.db"; \
	$(BIN)/alembic -x url="$$url" upgrade head \
	&& $(BIN)/alembic -x url="$$url" revision --autogenerate --rev-id "$(ID)" -m "$(NAME)" \
	&& $(BIN)/ruff format --quiet migrations/versions

bench: setup ## measure (see bench/README.md)
	@$(BIN)/python -m bench $(ARGS)

clean: ## remove what `make` made; data under var/ stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage
