# Requires only make and Python 3.11 or newer with venv. Everything else comes from the lock files.
# With npm and Node 20 or newer, the tests also run Auth0's JavaScript SDKs, and check the types of our own JavaScript.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
SDKS   := emulator/tests/sdk/node
CLIENT := tests/system/gateway_client/node
MODULES := $(SDKS)/node_modules/.ready $(CLIENT)/node_modules/.ready
CODE   := activities benchmarks codec_server.py docs/examples emulator gateway mkdocs_links.py phone_mfa starter tests worker.py workflows

STEP := printf '%s  setup %s\n' "$$(date +%T)"
# Three processes on two cores: many tests wait for something.
PARALLEL := --numprocesses 3 --dist worksteal
EMULATOR_SYSTEM := $(addprefix emulator/tests/,browser processes properties sdk)

.DEFAULT_GOAL := help
.PHONY: help setup browser redis demo up test test-unit test-system test-all test-no-cache test-deep explore histories phases client-types docs chaos flood fuzz-emulator bench bench-emulator bench-gateway bench-redaction bench-sealing check format lock clean

help: ## list the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: $(READY) $(MODULES) ## create the virtual environment, and install packages of npm if it is available

$(READY): requirements-dev.lock pyproject.toml emulator/pyproject.toml
	@$(STEP) "1/3 creating a virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@$(STEP) "2/3 installing the locked packages (a minute or two the first time)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(STEP) "3/3 installing phone-mfa and its Auth0 emulator"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e ./emulator -e .
	@$(STEP) "ready"
	@touch $@

%/node_modules/.ready: %/package.json %/package-lock.json %/.npmrc
	@if command -v npm >/dev/null; then \
		cd $* && npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error && touch node_modules/.ready; \
	else \
		echo "npm not found: the tests that need the packages of $* will be skipped."; \
	fi

browser: ## install Chromium for the browser tests, if there is no browser
	@.ci/apt chromium chromium chromium-browser google-chrome google-chrome-stable

redis: ## install a Redis server for the tests of shared budgets, if there is none
	@.ci/apt redis-server redis-server valkey-server

demo: $(READY) ## run the demo: a real Temporal server, emulated Auth0 and phones, a worker that is killed
	$(BIN)/phone-mfa demo

up: $(READY) ## start the local stack: Temporal with its UI, emulated Auth0 and phones, worker, gateway, codec server
	@exec $(BIN)/phone-mfa up

test: $(READY) ## run the unit and integration tests, in parallel; they need neither a browser nor npm
	$(BIN)/python -m pytest $(PARALLEL) tests/unit tests/integration emulator/tests $(EMULATOR_SYSTEM:%=--ignore=%)

test-unit: $(READY) ## run the tests that start no process
	$(BIN)/python -m pytest $(PARALLEL) tests/unit

test-system: $(READY) $(MODULES) ## run the slow tests: browser, SDKs, leaks, deployment files, properties
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile tests/browser tests/system $(EMULATOR_SYSTEM)

test-all: test test-system test-no-cache test-deep ## run all tests

test-no-cache: $(READY) ## run the flow tests with a worker that caches nothing between steps
	$(BIN)/python -m pytest $(PARALLEL) tests/integration/flows --no-workflow-cache

test-deep: $(READY) ## run the exhaustive and property-based unit tests to a greater depth
	MACHINE_MODEL_BOUND=8 $(BIN)/python -m pytest $(PARALLEL) tests/unit -m "hypothesis or exhaustive" --hypothesis-profile=deep

explore: $(READY) ## test 5,000 new random flow lifecycles; the tests always use the same 300
	$(BIN)/python -m pytest tests/unit/machine/test_machine_model.py -k long_lives --hypothesis-profile=explore --timeout=0

histories: $(READY) ## record the histories of new tests for the replay tests; existing ones stay
	$(BIN)/python -m pytest tests/integration/flows tests/integration/engine_limits/test_continue_as_new.py --record-histories
	$(BIN)/python -m tests.unit.replay.frozen

phases: $(READY) ## generate the diagram and the table of docs/phases.md from the state machine
	$(BIN)/python -m tests.unit.machine.phases_page

client-types: $(READY) $(CLIENT)/node_modules/.ready ## generate the type declarations of the gateway's JavaScript client
	$(BIN)/python -m tests.system.gateway_client.declarations

docs: $(READY) ## build the documentation as a site in build/site; broken links fail
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

SEED ?= 1
FLOWS ?= 40
SECONDS ?= 60
chaos: $(READY) ## kill, freeze and replace every process while people use flows: SEED=n FLOWS=f SECONDS=s
	$(BIN)/python -m benchmarks.chaos --seed $(SEED) --flows $(FLOWS) --seconds $(SECONDS)

flood: $(READY) ## send one flow 20,000 messages over several of its runs, then finish it
	$(BIN)/python -m benchmarks.flood

TIMES ?= 12
fuzz-emulator: $(READY) ## send the emulator some 20,000 odd requests, other ones each time: TIMES=n
	EMULATOR_EXAMPLES_TIMES=$(TIMES) $(BIN)/python -m pytest $(PARALLEL) emulator/tests/properties --timeout=0

BENCH ?=
bench: $(READY) ## measure the cost of a flow against a bare Temporal workflow: BENCH="--rounds 9 --noise"
	$(BIN)/python -m benchmarks.flow_cost $(BENCH)

bench-emulator: $(READY) ## measure how fast the emulator lists authenticators, with few and many users
	$(BIN)/python -m benchmarks.emulator_list

bench-gateway: $(READY) ## measure the time from code to verdict, and the cost of listening
	$(BIN)/python -m benchmarks.gateway_load

TEXTS ?= 10000
bench-redaction: $(READY) ## measure the redaction of adversarial texts of 64 kB: TEXTS=n
	$(BIN)/python -m benchmarks.redaction --texts $(TEXTS)

bench-sealing: $(READY) ## measure the cost of sealing, per payload and per flow
	$(BIN)/python -m benchmarks.sealing
	$(BIN)/python -m benchmarks.sealed_flows

check: $(READY) ## check format, lint, types and import rules
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY) ## format the code
	$(BIN)/ruff format $(CODE)
	$(BIN)/ruff check --fix $(CODE)

lock: $(READY) ## update the lock files, without index URLs in them
	$(BIN)/uv pip compile --quiet --no-emit-package auth0-mfa-emulator --generate-hashes --universal --extra codec --extra emulator --extra engine --extra gateway pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --no-emit-package auth0-mfa-emulator --generate-hashes --universal --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock
	$(BIN)/uv pip compile --quiet --generate-hashes --universal -c requirements.lock emulator/pyproject.toml -o emulator/requirements.lock
	$(BIN)/uv pip compile --quiet --generate-hashes --universal --group emulator/pyproject.toml:build -c requirements-dev.lock -o emulator/requirements-build.lock

clean: ## remove what setup created
	rm -rf $(VENV) $(SDKS)/node_modules $(SDKS)/nextjs/.next $(CLIENT)/node_modules
