# Everything a person or a machine does with this repository. `make` alone lists it.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help run setup check fix test test-unit test-integration test-journeys test-architecture bench bench-delivery soak fuzz screenshots lock clean

BIN := .venv/bin
PORT ?= 8000
# Handed to pytest, for example: make test ARGS="-k unsubscribe"
ARGS ?=
# Messages of make bench-delivery.
N ?= 20000
# How long make soak goes on, and what repeats one: make soak SEED=…
SECONDS ?= 3600
SEED ?=
# Messages of the two hosts of which make soak kills one.
HOSTS ?= 20000
# Examples of each property in make fuzz.
EXAMPLES ?= 2000

# scripts/find-python and scripts/lock read these.
export PYTHON
export UV
export UPGRADE

##@ Using it

help: ## List what can be done here
	@awk 'BEGIN { FS = ":.*## " } \
	  /^##@/ { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo

run: ## Start everything on http://127.0.0.1:8000 (PORT=… for another port)
	@scripts/set-up run
	@exec $(BIN)/topthree serve --port $(PORT)

##@ Working on it

setup: ## Make the environment in .venv (PYTHON=… for a certain interpreter)
	@scripts/set-up dev

check: setup ## Formatting, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: setup ## Format, and mend what can be mended by itself
	$(BIN)/ruff check --fix --exit-zero --quiet .
	$(BIN)/ruff format .
	$(BIN)/ruff check .

test: setup ## The whole suite, on SQLite and PostgreSQL, with a browser (ARGS=… for pytest)
	@scripts/test-tools
	$(BIN)/python -m pytest $(ARGS)

test-unit test-integration test-journeys test-architecture: setup
	$(BIN)/python -m pytest tests/$(@:test-%=%) $(ARGS)

soak: setup ## Kill, freeze and cut while it sends, for as long as asked (SECONDS=3600), and count
	@scripts/test-tools
	TOPTHREE_TEST_TWO_HOSTS=$(HOSTS) $(BIN)/python -m pytest tests/journeys/test_two_hosts.py -n 0
	@$(BIN)/python -m tests.soak --seconds $(SECONDS) $(if $(SEED),--seed $(SEED)) $(ARGS)

fuzz: setup ## Every property of the tests, each with many examples (EXAMPLES=2000)
	@scripts/test-tools
	$(BIN)/python -m pytest -p tests.soak.many_examples --examples $(EXAMPLES) $(ARGS)

bench: ## All benchmarks, or one, and their tables and plots in docs (ARGS=--large: for a million, too)
	@scripts/set-up bench
	$(BIN)/python -m bench --others $(ARGS)
	$(BIN)/python -m bench.publish

# The last line is JSON, for a program to read. Kept apart from what make bench publishes.
bench-delivery: setup ## The sending alone, next to smtp-source (N=20000 messages)
	@$(BIN)/python -m bench delivery --n $(N) --results bench/results/alone $(ARGS)

screenshots: setup ## The pictures in docs/screenshots
	$(BIN)/python -m tests.support.screenshots

lock: ## Renew the lock files from pyproject.toml (needs uv; UPGRADE=1 for newer versions)
	@scripts/lock

clean: ## Remove the environment and what the tools left; never the instance folder
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
