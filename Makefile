# Everything that is done to this repository by hand or by CI. `make` alone lists it.

DATA ?= ./data
MONTH ?= 1
SECONDS ?= 300
MINUTES ?= 30
CARGO ?= cargo
JANGBU = $(or $(CARGO_TARGET_DIR),target)/release/jangbu
JANGBU_DEBUG = $(abspath $(or $(CARGO_TARGET_DIR),target))/debug/jangbu

EXAMPLES = $(basename $(notdir $(wildcard examples/*.rs)))
EXAMPLES_BUILT = $(or $(CARGO_TARGET_DIR),target)/debug/examples

NPM ?= npm
PYTHON ?= python3
MUTANTS ?=
PEERS ?=
MUTANTS_OUT = $(or $(CARGO_TARGET_DIR),target)
FUZZ = $(or $(CARGO_TARGET_DIR),target)/fuzz

.PHONY: help dashboard run demo-import test test-long mutants coverage fuzz-api soak check-deploy bench bench-peers

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "%-12s %s\n", $$1, $$2 }'

run: dashboard ## Serve a bank to try out on http://127.0.0.1:8080, made in ./data at the first start (passwords are shown once)
	$(CARGO) build --release
	$(JANGBU) serve --demo --data $(DATA)

demo-import: ## Import examples/data into ./import-data, run the orders of month 1 (MONTH=2 …), show balances and the audit
	$(CARGO) build --release
	$(JANGBU) import examples/data --month $(MONTH) --data ./import-data
	$(JANGBU) accounts --data ./import-data
	$(JANGBU) check --deep --data ./import-data

dashboard: static/dist/index.html ## Build the web dashboard, which is then part of the program (needs Node.js 20.19 or later)

static/dist/index.html: static/package-lock.json $(shell find static/src static/public static/staff static/index.html static/vite.config.ts -type f)
	cd static && $(NPM) ci --no-audit --no-fund && $(NPM) run build

test: ## Everything that must pass: format, lints, tests, the dashboard in a browser, documentation, licences
	@# First of all, so that the program is built with it once.
	cd static && $(NPM) ci --no-audit --no-fund && $(NPM) test && $(NPM) run build
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --features jangbu/sim -- -D warnings
	@# The tests of an embedding program's view: no feature, and so none of the program's dependencies.
	$(CARGO) check --no-default-features --lib --examples
	@# Each takes no arguments and ends by itself, within seconds.
	$(CARGO) build --features sim --examples
	@for example in $(EXAMPLES); do echo "example $$example:"; $(EXAMPLES_BUILT)/$$example || exit; done
	if $(CARGO) nextest --version >/dev/null 2>&1; \
	then $(CARGO) nextest run --workspace --exclude jangbu-peers; \
	else $(CARGO) test --workspace --exclude jangbu-peers --all-targets; fi
	$(CARGO) test --workspace --features jangbu/sim --doc
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --features jangbu/sim --no-deps
	if $(CARGO) deny --version >/dev/null 2>&1; \
	then $(CARGO) deny check bans licenses sources; \
	else echo "cargo-deny is not installed: licences were not checked"; fi
	$(CARGO) check --workspace --benches
	$(CARGO) build --bin jangbu
	cd static && JANGBU_BIN=$(JANGBU_DEBUG) $(NPM) run types -- --check && JANGBU_BIN=$(JANGBU_DEBUG) $(NPM) run e2e
	@$(MAKE) --no-print-directory fuzz-api SECONDS=45 SEED=1 JANGBU=$(or $(CARGO_TARGET_DIR),target)/debug/jangbu
	@$(MAKE) --no-print-directory soak MINUTES=0.4 JANGBU=$(or $(CARGO_TARGET_DIR),target)/debug/jangbu
	@$(MAKE) --no-print-directory check-deploy

test-long: ## The tests again, with those that take long
	JANGBU_LONG=1 $(CARGO) test --release --workspace --exclude jangbu-peers --all-targets

mutants: ## Mutate the rules, accounts, flows and journal one place at a time: each change must fail a test (MUTANTS='--re ledger/hold.rs')
	@# What is left alive is compared with a list; that some are is not yet a failure.
	$(CARGO) mutants --package jangbu-ledger --package jangbu-actors --test-package jangbu-ledger --test-package jangbu-actors --output $(MUTANTS_OUT) $(MUTANTS) || [ -s $(MUTANTS_OUT)/mutants.out/missed.txt ] || [ -s $(MUTANTS_OUT)/mutants.out/timeout.txt ]
	$(PYTHON) tests/mutants/check.py $(MUTANTS_OUT)/mutants.out tests/mutants/survivors.txt

coverage: ## Report how much of the ledger, supervisor, accounts and journal the simulator reaches (needs LLVM's tools; CONTRIBUTING)
	@CARGO="$(CARGO)" tests/coverage/report.sh

fuzz-api: ## Have schemathesis ask the API what its document allows, and what it does not, for SECONDS (300)
	@if ! $(PYTHON) -c 'import sys, venv; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; \
	then echo "Python 3.10 is not there: the API was not fuzzed"; \
	else \
	  $(if $(findstring release,$(JANGBU)),$(CARGO) build --release,$(CARGO) build) --bin jangbu && \
	  { cmp -s tests/fuzz/requirements.txt $(FUZZ)/requirements.txt || { $(PYTHON) -m venv $(FUZZ) && \
	    $(FUZZ)/bin/pip install --quiet --disable-pip-version-check --requirement tests/fuzz/requirements.txt && \
	    cp tests/fuzz/requirements.txt $(FUZZ)/; }; } && \
	  $(PYTHON) tests/fuzz/api.py $(JANGBU) $(SECONDS) $(FUZZ)/bin/schemathesis $(SEED); \
	fi

soak: ## Keep a served bank busy for MINUTES (30) with every kind of request, and fail when memory, files, threads, disk or p99 grow
	@if ! $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; \
	then echo "Python 3.10 is not there: the service was not soaked"; \
	else \
	  $(if $(findstring release,$(JANGBU)),$(CARGO) build --release,$(CARGO) build) --bin jangbu && \
	  $(PYTHON) tests/soak/soak.py $(JANGBU) $(MINUTES); \
	fi

check-deploy: ## Check what is in deploy/: the Dockerfile, and with systemd, Caddy and Prometheus, as far as they are installed
	@if ! $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; \
	then echo "Python 3.10 is not there: the Dockerfile was not checked"; \
	else $(CARGO) build --bin jangbu && $(PYTHON) tests/deploy/dockerfile.py $(JANGBU_DEBUG); fi
	@if command -v promtool >/dev/null; then promtool check rules deploy/prometheus-alerts.yml; \
	else echo "promtool is not installed: the alerts were not checked"; fi
	@if command -v caddy >/dev/null; then caddy validate --config deploy/Caddyfile --adapter caddyfile 2>/dev/null; \
	else echo "caddy is not installed: its configuration was not checked"; fi
	@# That the program is not installed is no fault of the unit.
	@if command -v systemd-analyze >/dev/null; \
	then ! systemd-analyze verify --man=no deploy/jangbu.service 2>&1 | grep -v 'is not executable'; \
	else echo "systemd-analyze is not there: the unit was not checked"; fi

bench: ## Measure the whole engine on this disk, then its parts (Criterion's report: target/criterion/report/index.html)
	$(CARGO) build --release
	$(JANGBU) bench
	$(JANGBU) bench --batch 1 --in-flight 64 --transfers 500000
	$(CARGO) bench -p jangbu --benches

# SQLite waits for the disk by fdatasync, as in Debian's build and as jangbu does, instead of fsync.
bench-peers: ## Measure jangbu beside SQLite and, where it is installed, PostgreSQL, with the same load on this disk (PEERS='--single 20000 …')
	$(CARGO) build --release --bin jangbu
	LIBSQLITE3_FLAGS=-DHAVE_FDATASYNC=1 $(CARGO) build --release --package jangbu-peers --features bundled
	$(dir $(JANGBU))jangbu-peers --program $(JANGBU) $(PEERS)
