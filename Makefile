# Everything that people and continuous integration do with this repository. Needs git, make and Python 3.11 with venv.

PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
# Half of the tests wait for real programs, so twice as many run as there are processors.
WORKERS ?= $(shell expr 2 \* `getconf _NPROCESSORS_ONLN`)

.PHONY: help run test check kill-test bench docs screenshots lock programs install

help:  ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1 \t\2/p' $(MAKEFILE_LIST) | expand -t 18

run: programs install  ## Show a simulated fleet being reconciled, with Prometheus and Alertmanager, until Ctrl-C
	@$(BIN)/recon-exporter demo

test: programs install check  ## Install everything, then check everything

check: install  ## Check format, lint, types, layers and behaviour
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest --numprocesses $(WORKERS) --dist loadgroup --cov --cov-report term-missing

kill-test: install  ## Kill end-of-day runs and cycles at 1 000 random instants on each database
	RECON_KILLS=1000 RECON_KILL_SEED=$$(date +%s) $(BIN)/pytest --numprocesses 2 tests/end_to_end/test_eod_kill.py tests/end_to_end/test_cycle_kill.py

bench: install  ## Measure against named baselines and write docs/benchmarks.md
	@$(BIN)/python -m benchmarks

docs: install  ## Regenerate what is generated: alert rules, dashboards, parts of the documentation
	@$(BIN)/python alerts/source/generate.py
	@$(BIN)/python grafana/source/write_dashboards.py
	@$(BIN)/python scripts/docs.py

screenshots: install  ## Show the pages of the demonstration in docs/screenshots/, which needs Chromium
	@PYTHONPATH=tests $(BIN)/python scripts/screenshots.py

lock:  ## Resolve pyproject.toml into requirements.lock; ARGUMENTS=--upgrade takes the newest versions
	@PYTHON=$(PYTHON) scripts/lock.sh $(ARGUMENTS)

programs:
	@scripts/programs.sh

install: $(INSTALLED)

$(INSTALLED): requirements.lock pyproject.toml
	@PYTHON=$(PYTHON) scripts/install.sh
	@touch $@
