# `make demo` and `make test` do everything, set-up included, from an empty clone; all that must be there is
# Python 3.11 or newer. PYTHON=/path/to/python3 chooses the interpreter.

.DEFAULT_GOAL := help
export PYTHON
PYTHON ?=
bin := .venv/bin
ready := .venv/set-up-done

.PHONY: peers help demo test brute-force types lint format contract build build-check accept mutants-of-output bench clean

help: ## what can be made
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' $(firstword $(MAKEFILE_LIST)) | awk -F'|' '{printf "  make %-17s %s\n", $$1, $$2}'

# Made again when pyproject.toml changes, or when the interpreter behind it is gone.
$(ready): pyproject.toml .ci/set-up
	@sh .ci/set-up

ifneq ($(shell $(bin)/python -c 'print(1)' 2>/dev/null),1)
.PHONY: $(ready)
endif

demo: $(ready) ## prove the policies, refute a draft, build the calculators, settle claims, explain one
	@$(bin)/tierproof demo

test: $(ready) ## all tests, on two processes
	@$(bin)/python -m pytest -q -n 2 $(TESTS)

# Chunks of 500 policies, each with a seed of its own: SEED, SEED + 1, and so on. A chunk is tried again with
# TIERPROOF_BRUTE_FORCE=500 pytest tests/properties/test_brute_force.py --hypothesis-seed=SEED
POLICIES ?= 1000
SEED ?= 1
brute-force: $(ready) ## the verifier against trying every claim of POLICIES=1000 random policies from SEED=1 on
	@seq $(SEED) $$(( $(SEED) + ($(POLICIES) + 499) / 500 - 1 )) | TIERPROOF_BRUTE_FORCE=500 xargs -P 2 -I SEED sh -c \
	  'said=$$($(bin)/python -m pytest -q tests/properties/test_brute_force.py --hypothesis-seed=SEED 2>&1) \
	  && echo "seed SEED: 500 policies, all answers agree" || { echo "$$said"; echo "seed SEED: see above"; exit 1; }'

types: $(ready) ## mypy, strict
	@$(bin)/mypy

lint: $(ready) ## ruff: rules and layout
	@$(bin)/ruff check
	@$(bin)/ruff format --check

format: $(ready) ## let ruff lay the code out
	@$(bin)/ruff check --fix
	@$(bin)/ruff format

contract: $(ready) ## which room may import which
	@$(bin)/lint-imports --no-logo

build: $(ready) ## prove policies/ and write generated/
	@$(bin)/tierproof build policies

build-check: $(ready) ## fail where generated/ differs from what its policies give
	@$(bin)/tierproof build policies --check

accept: $(ready) ## rewrite the expected output of tests/cases and examples/drafts, to be read in the diff
	@TIERPROOF_ACCEPT=1 $(bin)/python -m pytest -q tests/cases tests/unit/test_drafts.py
	@git --no-pager diff --stat -- tests/cases examples/drafts

peers: $(ready) ## the tools that bench measures against, each in an environment of its own
	@$(bin)/python -m benchmarks.peers install

mutants-of-output: $(ready) ## 200 slips of three policies in every generated text are refused or without effect
	@MUTANTS_OF_OUTPUT=200 $(bin)/python -m pytest -q -s tests/engines/test_mutants_of_output.py

bench: $(ready) peers ## every figure that README and docs quote, into benchmarks/RESULTS.md
	@$(bin)/python -m benchmarks.run

clean: ## remove the environment and all caches
	rm -rf .venv mutants .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
