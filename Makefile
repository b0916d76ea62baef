# Needs Python 3.11 or newer and GNU make 3.81 or newer, nothing else.
# ARGS go to the command behind a target: make test ARGS="-k landing -x"

MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
# Two installs into one .venv would get into each other's way.
.NOTPARALLEL:

VENV := .venv/bin

.PHONY: help
help: ## Say what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "make %-6s %s\n", $$1, $$2}' Makefile

.PHONY: demo
demo: .venv/.runtime ## Start a database, land real records, build, test and show the result
	@$(VENV)/atlas demo $(ARGS)

.PHONY: test
test: .venv/.dev ## Run the tests, on each core some of them
	@$(VENV)/pytest -n auto --dist loadfile --no-loadscope-reorder $(ARGS)

.PHONY: e2e
e2e: .venv/.dev ## Run the tests that bring up real containers; they need Docker, and Pulumi for half of them
	@$(VENV)/pytest -m e2e tests/e2e $(ARGS)

.PHONY: lint
lint: .venv/.dev ## Run every check that a commit runs, on all files
	@git rev-parse --git-dir >/dev/null 2>&1 || \
		{ echo "make lint needs a git clone: it checks the files that git knows." >&2; exit 1; }
	@$(VENV)/pre-commit run --all-files --show-diff-on-failure $(ARGS)

.PHONY: bench
bench: .venv/.dev ## Measure landing beside what one would use instead
	@$(VENV)/python -m bench $(or $(ARGS),landing)

.PHONY: lock
lock: .venv/.dev ## Write both lock files anew (ARGS=--upgrade takes newer versions)
	@$(VENV)/python tools/lock.py $(ARGS)

.PHONY: clean
clean: ## Remove what the targets above made here, but no database
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist logs target
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The first interpreter that runs (a pyenv shim may not), is new enough and can install. PYTHON= is the only candidate.
define install
@if [ -n "$$PYTHON" ]; then set -- "$$PYTHON"; else set -- python3.13 python3.12 python3.11 python3; fi; \
old="import sys; sys.exit(sys.version_info < (3, 11))"; \
bare="from importlib.util import find_spec as f; raise SystemExit(not (f('ensurepip') or f('pip')))"; \
found=; for python in "$$@"; do \
	"$$python" -c "$$old" >/dev/null 2>&1 || continue; \
	found=$$python; \
	if "$$python" -c "$$bare" >/dev/null 2>&1; then break; fi; \
done; \
if [ -z "$$found" ]; then \
	echo "No Python 3.11 or newer among: $$*. Install one, or name one: make PYTHON=/path/to/python3 ..." >&2; \
	exit 1; \
fi; \
"$$found" tools/install.py $<
endef

# A .venv that was moved or whose interpreter is gone is made anew, and so is one of another version than PYTHON=.
ifneq ($(shell test -x .venv/bin/python && cat .venv/.place),$(CURDIR))
.PHONY: .venv/.runtime .venv/.dev
endif
ifdef PYTHON
.PHONY: .venv/.runtime .venv/.dev
export PYTHON
endif

.venv/.runtime: requirements.lock pyproject.toml tools/install.py
	$(install)
	@touch $@

# The dev lock holds all of the runtime lock.
.venv/.dev: requirements-dev.lock pyproject.toml tools/install.py
	$(install)
	@touch $@ .venv/.runtime
