# Everything that is done to this repository by hand or by CI. `make` alone lists it.

DATA ?= ./data
MONTH ?= 1
SECONDS ?= 300
MINUTES ?= 30
CARGO ?= cargo
RUSTC ?= rustc
NODE ?= node
JANGBU ?= $(or $(CARGO_TARGET_DIR),target)/release/jangbu
JANGBU_DEBUG = $(abspath $(or $(CARGO_TARGET_DIR),target))/debug/jangbu

EXAMPLES = $(basename $(notdir $(wildcard examples/*.rs)))
EXAMPLES_BUILT = $(or $(CARGO_TARGET_DIR),target)/debug/examples

NPM ?= npm
PYTHON ?= python3
MUTANTS ?=
PEERS ?=
MUTANTS_OUT = $(or $(CARGO_TARGET_DIR),target)
FUZZ = $(or $(CARGO_TARGET_DIR),target)/fuzz

# One set of features for every stage, so that each crate is compiled once for checks and once to run.
FEATURES = --features jangbu/sim
RUN_TESTS = $(CARGO) $(if $(shell $(CARGO) nextest --version 2>/dev/null),nextest run,test) --workspace --exclude jangbu-peers $(FEATURES)
# Built by `cargo build`, unless a stage before has built the program already.
BUILD_PROGRAM ?= $(CARGO) build $(if $(findstring release,$(JANGBU)),--release) --bin jangbu

.PHONY: help setup hooks dashboard run demo-import check test test-long mutants coverage bench bench-peers \
	repository commits format lints product unit-tests documents documentation public-api licences packages msrv semver publish-check \
	dashboard-check dashboard-tests test-programs tests doc-tests examples api-types browser-tests fuzz-api soak check-deploy

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "%-14s %s\n", $$1, $$2 }'

run: dashboard ## Serve a bank to try out on http://127.0.0.1:8080, made in ./data at the first start (passwords are shown once)
	$(CARGO) build --release
	$(JANGBU) serve --demo --data $(DATA)

demo-import: ## Import examples/data into ./import-data, run the orders of month 1 (MONTH=2 …), show balances and the audit
	$(CARGO) build --release
	$(JANGBU) import examples/data --month $(MONTH) --data ./import-data
	$(JANGBU) accounts --data ./import-data
	$(JANGBU) check --deep --data ./import-data

dashboard: static/dist/index.html ## Build the web dashboard, which is then part of the program (needs Node.js 20.19 or later)

NOT_IN_THE_DASHBOARD = node_modules dist tests e2e mock
static/dist/index.html: static/node_modules/.package-lock.json $(shell find static $(foreach each,$(NOT_IN_THE_DASHBOARD),-path static/$(each) -prune -o) -type f -print)
	cd static && $(NPM) run build
	@touch $@

static/node_modules/.package-lock.json: static/package.json static/package-lock.json
	cd static && $(NPM) ci --no-audit --no-fund
	@touch $@

setup: ## Install the pinned tools that the tests use, where they are missing
	@CARGO="$(CARGO)" NPM="$(NPM)" .ci/setup

hooks: ## Have Git check each commit message (.ci/hooks)
	git config core.hooksPath .ci/hooks

check: ## The checks to run while working, in under two minutes: format, lints, types, unit tests, links in documents
	+@$(NODE) .ci/stages.mjs check

test: ## Everything that must pass: `check`, all tests, the dashboard in a browser, documentation, licences, packages
	+@BUILD_PROGRAM=: JANGBU=$(JANGBU_DEBUG) SECONDS=45 SEED=1 MINUTES=0.4 $(NODE) .ci/stages.mjs test

# The stages of `check` and `test`. `.ci/stages.mjs` has their order; each can also be run alone.

repository: # The rules for manifests, and the tests of the scripts in .ci/
	$(NODE) --test .ci/*.test.mjs

commits: # The messages of the newest commits
	$(NODE) .ci/commits.mjs

format:
	$(CARGO) fmt --all --check

lints:
	$(CARGO) clippy --workspace --all-targets $(FEATURES) -- -D warnings

product: # The program as it is released: without what the tests add to the engine
	$(CARGO) check --bin jangbu

documentation: # As docs.rs builds it: without the command line's dependencies, so the engine must compile alone
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-default-features $(FEATURES) --no-deps

public-api: # The list of public items, from what `documentation` built; and cargo-semver-checks, where it is installed
	$(NODE) .ci/public-api.mjs
	@$(MAKE) --no-print-directory semver

semver:
	@if ! $(CARGO) semver-checks --version >/dev/null 2>&1; then echo "cargo-semver-checks is not installed"; \
	elif ! release=$$(git describe --tags --abbrev=0 --match 'v*' 2>/dev/null); then echo "nothing is released: nothing to compare with"; \
	else $(CARGO) semver-checks --package jangbu --baseline-rev $$release; fi

licences:
	@if $(CARGO) deny --version >/dev/null 2>&1; \
	then $(CARGO) deny check bans licenses sources; \
	else echo "cargo-deny is not installed: licences were not checked (make setup)"; fi

packages: # What `cargo publish` would upload
	$(NODE) .ci/packages.mjs

msrv: # The oldest supported Rust, where rustup has it
	@version=$$(sed -n 's/^rust-version = "\(.*\)"$$/\1/p' Cargo.toml); \
	if $(RUSTC) --version | grep -q "^rustc $$version\."; then echo "the toolchain is Rust $$version: nothing more to check"; \
	elif rustup toolchain list 2>/dev/null | grep -q "^$$version"; \
	then $(CARGO) +$$(rustup toolchain list | grep -m 1 -o "^$$version[.0-9]*") check --workspace --locked $(FEATURES); \
	else echo "Rust $$version is not installed: the oldest supported version was not checked"; fi

unit-tests: # Those beside the code
	$(RUN_TESTS) --lib --bins

documents: # Their links, and the names of files, functions and settings in them
	$(RUN_TESTS) --test cli -- document_links:: documents::

dashboard-check: static/node_modules/.package-lock.json # Format, lints and types of the dashboard
	cd static && $(NPM) run check

dashboard-tests: static/node_modules/.package-lock.json
	cd static && $(NPM) test

test-programs: # Compile the tests, the examples and the program
	$(RUN_TESTS) --no-run

tests:
	$(RUN_TESTS)

doc-tests:
	$(CARGO) test --workspace $(FEATURES) --doc

examples: # Each takes no arguments and ends by itself, within seconds. `test-programs` has built them
	@for example in $(EXAMPLES); do echo "example $$example:"; $(EXAMPLES_BUILT)/$$example || exit; done

api-types: # The dashboard's types of the API, compared with what the program serves
	cd static && JANGBU_BIN=$(JANGBU_DEBUG) $(NPM) run types -- --check

browser-tests:
	cd static && JANGBU_BIN=$(JANGBU_DEBUG) $(NPM) run e2e

publish-check: dashboard ## Build every crate from its package, as a dry run of `cargo publish` does (takes minutes)
	$(NODE) .ci/packages.mjs --verify

test-long: ## The tests again, with those that take long
	JANGBU_LONG=1 $(CARGO) test --profile release-test --workspace --exclude jangbu-peers $(FEATURES) --all-targets

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
	  $(BUILD_PROGRAM) && \
	  { cmp -s tests/fuzz/requirements.txt $(FUZZ)/requirements.txt || { $(PYTHON) -m venv $(FUZZ) && \
	    $(FUZZ)/bin/pip install --quiet --disable-pip-version-check --requirement tests/fuzz/requirements.txt && \
	    cp tests/fuzz/requirements.txt $(FUZZ)/; }; } && \
	  $(PYTHON) tests/fuzz/api.py $(JANGBU) $(SECONDS) $(FUZZ)/bin/schemathesis $(SEED); \
	fi

soak: ## Keep a served bank busy for MINUTES (30) with every kind of request, and fail when memory, files, threads, disk or p99 grow
	@if ! $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; \
	then echo "Python 3.10 is not there: the service was not soaked"; \
	else \
	  $(BUILD_PROGRAM) && \
	  $(PYTHON) tests/soak/soak.py $(JANGBU) $(MINUTES); \
	fi

check-deploy: JANGBU = $(JANGBU_DEBUG)
check-deploy: ## Check what is in deploy/: the Dockerfile, and with systemd, Caddy and Prometheus, as far as they are installed
	@if ! $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; \
	then echo "Python 3.10 is not there: the Dockerfile was not checked"; \
	else $(BUILD_PROGRAM) && $(PYTHON) tests/deploy/dockerfile.py $(JANGBU); fi
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
