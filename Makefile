.DEFAULT_GOAL := help
.PHONY: help setup demo test check bench bench-full crash screens lock clean
MAKEFLAGS += --no-print-directory

# Relative on purpose: the path of the checkout may have a blank in it.
BIN := .venv/bin
PY := $(BIN)/python

help:  ## say what each target does
	@echo "notify-errors: make TARGET"
	@sed -n 's/^\([a-z-]*\):.*## /  \1|/p' Makefile | awk -F'|' '{ printf "%-10s %s\n", $$1, $$2 }'

setup:  ## make .venv with the locked dependencies (demo, test and check do it by themselves)
	@sh scripts/setup.sh

demo: setup  ## play the whole job in a browser, without any account; Ctrl-C ends it
	@$(BIN)/notify-errors demo

test: setup  ## run all tests, on two processes
	@$(PY) -m pytest -n 2

check: setup  ## formatting, lint, types, import contracts, the reader's rules, the rules of the house
	@$(PY) -m ruff format --check .
	@$(PY) -m ruff check .
	@$(PY) -m mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/notify-errors rules check
	@$(PY) -m pytest -q tests/test_house.py

bench: setup  ## measure speed as ratios to controls of the same run; fails below a floor
	@$(PY) -m bench

bench-full: setup  ## the same behind ten million rows; needs 50 GB and an hour
	@$(PY) -m bench full

ROUNDS ?= 1000
STORAGE ?= sqlite

crash: setup  ## kill a serving bot ROUNDS=1000 times in a burst, then post mutated bodies; fails on any loss or double; STORAGE=postgres
	@$(PY) -m crash --rounds $(ROUNDS) --storage $(STORAGE)
	@$(PY) -m scripts.fuzz_http --posts 3000 --storage $(STORAGE)

screens: setup  ## take the README's pictures anew from a running demo
	@$(PY) scripts/screens.py

lock: setup  ## resolve the dependencies anew within pyproject.toml's bounds
	@$(PY) -m pip install --quiet --group pyproject.toml:lock
	@$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 \
		--generate-hashes --upgrade --quiet --custom-compile-command "make lock" \
		--output-file requirements.lock

clean:  ## remove .venv and everything that tools left behind
	@rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
