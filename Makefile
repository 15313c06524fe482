# One command each to set up, run, test, check and measure. `make` alone lists them.

PYTHON ?=
ARGS ?=

VENV := .venv
STAMP := $(VENV)/.set-up
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input

# Nothing here reports home, neither the product's engine nor its tests.
export DO_NOT_TRACK = 1
export PREFECT_SERVER_ANALYTICS_ENABLED = false

.DEFAULT_GOAL := help
.PHONY: help setup run test sweep told years two-engines soak check bench bench-delivery bench-engine

help: ## list these targets
	@sed -n 's/^\([a-z.-]*\):.*## \(.*\)/  make \1	\2/p' Makefile

setup: $(STAMP) ## make .venv with everything pinned (once, and again when the pins change)

run: setup ## a dispatch day on this machine; make run ARGS=--exit ends after it
	@$(BIN)/eco demo $(ARGS)

test: setup ## every test on SQLite and on PostgreSQL; make test ARGS="-k ladder"
	@$(BIN)/python -m pytest --db both -n auto --dist loadgroup $(ARGS)

sweep: setup ## kill -9 at every point on both databases and of every part of the engine, and 250 random histories of 10,000 steps at least
	@ECO_SWEEP=full ECO_EXAMPLES=250 $(BIN)/python -m pytest --db both -n auto --dist loadgroup \
		tests/reliability/test_kill_sweep.py tests/reliability/test_act_sweep.py tests/properties tests/schedules/test_up.py $(ARGS)

told: setup ## who is told when around holidays, as a table to look at; make told ARGS=spring-2023
	@$(BIN)/python -m tests.reliability.told_when $(ARGS)

years: setup ## five simulated years of three units (ARGS=--packaged: ten months of the packaged plan): nothing lost, nothing doubled, the size of the database
	@$(BIN)/python -m tests.soak.years $(ARGS)

two-engines: setup ## two eco up on one PostgreSQL, 100 rounds, both at work: every message exactly once
	@$(BIN)/python -m tests.soak.two_engines $(ARGS)

soak: setup ## an hour of eco up with faults, memory and files watched; make soak ARGS="--minutes 10"
	@$(BIN)/python -m tests.soak.faults $(ARGS)

check: setup ## ruff, formatting, mypy, import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

bench: setup ## the measured ratios of a round's day, as JSON
	@$(BIN)/python -m benchmarks.dispatch $(ARGS)

prefect.yaml: setup schedules/timetable.py ## write the timetable anew for a Prefect work pool
	@$(BIN)/python -m schedules.deployments > $@

bench-delivery: setup ## our sender and a whole delivery beside stock apprise, as JSON
	@$(BIN)/python -m benchmarks.delivery $(ARGS)

bench-engine: setup ## what Prefect adds to a run, and how soon eco status answers, as JSON
	@$(BIN)/python -m benchmarks.engine $(ARGS)

# The stamp is written last, so an interrupted setup starts over. A virtual environment that works is
# kept; a broken one (interrupted, or its Python is gone) is made anew.
$(STAMP): requirements.txt requirements-dev.txt pyproject.toml
	@rm -f $(STAMP)
	@if $(BIN)/python -c $(IS_RECENT) 2>/dev/null && $(PIP) --version >/dev/null 2>&1; then \
		echo "setup: using the .venv that is here"; \
	else \
		$(find_python); \
		echo "setup: making .venv with $$python"; \
		"$$python" -m venv --clear $(VENV) || { $(say_venv_is_missing); exit 1; }; \
	fi
	@echo "setup: installing the pinned packages (about a minute)"
	@$(PIP) install -qq -r requirements-dev.txt
	@echo "setup: installing eco-workflow itself"
	@$(PIP) install -qq --no-deps --no-build-isolation -e .
	@touch $(STAMP)
	@echo "setup: done"

IS_RECENT := 'import sys; sys.exit(sys.version_info < (3, 11))'

# Sets $$python to the first Python that is recent enough and can make virtual environments.
define find_python
python=; bare=; seen=; \
for candidate in $(or $(PYTHON),python3 python3.11 python3.12 python3.13 python3.14); do \
	version=$$("$$candidate" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue; \
	seen="$$seen $$candidate ($$version)"; \
	"$$candidate" -c $(IS_RECENT) || continue; \
	if "$$candidate" -c 'import ensurepip, venv' 2>/dev/null; then python=$$candidate; break; fi; \
	bare=$${bare:-$$version}; \
done; \
if [ -z "$$python" ] && [ -n "$$bare" ]; then version=$$bare; $(say_venv_is_missing); exit 1; fi; \
if [ -z "$$python" ]; then \
	echo "setup: Python 3.11 or newer is wanted; found:$${seen:- none}." >&2; \
	echo "setup: install it (e.g. apt-get install python3 python3-venv)," >&2; \
	echo "setup: or name one: make setup PYTHON=python3.12" >&2; \
	exit 1; \
fi
endef

define say_venv_is_missing
echo "setup: Python $$version is here, but it cannot make virtual environments (venv or ensurepip is missing)." >&2; \
echo "setup: on Debian or Ubuntu: apt-get install python3-venv  (or python$$version-venv)," >&2; \
echo "setup: then run make again, or name another Python: make setup PYTHON=..." >&2
endef
