# Each target installs what it needs and is missing; `make help` lists them.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help serve test setup setup-host setup-web setup-browser setup-e2e setup-interop setup-lint \
	lint minimum deny test-host test-interop brokers test-browser dist size test-e2e frames fuzz bench memory clean
# The targets share cargo's build directory and dist/.
.NOTPARALLEL:

PORT ?= 8080
# What opening the site may fetch, in bytes, gzipped.
SIZE_LIMIT ?= 268000
# What opening the client's page may, and the lab or the course: what they need
# now, and a little. They are to come down, not to go up.
CLIENT_LIMIT ?= 560000
CLASSROOM_LIMIT ?= 935000
FUZZ_SECONDS ?= 600
# Cargo.toml's features: those for any machine, and those for wasm32 alone.
HOST_FEATURES := export course
WASM_FEATURES := web ui
WASM := scripts/wasm
WASM_CARGO_FLAGS := --target wasm32-unknown-unknown --features ui
WASM_TESTS := --lib --test web

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

serve: setup-web ## Serve the page at http://127.0.0.1:8080 and rebuild it on change (PORT=8080)
	$(WASM) trunk serve --port $(PORT)

test: ## Run every check and test
	$(MAKE) setup lint deny test-host test-interop size test-browser test-e2e

setup: ## Install what is missing
	scripts/setup host web browser e2e interop lint

setup-host setup-web setup-browser setup-e2e setup-interop setup-lint: setup-%:
	@scripts/setup $*

lint: setup-web setup-lint minimum ## Check the format, lint all code under each feature, and check the docs
	shellcheck scripts/* .ci/run
	npx biome lint --error-on-warnings
	cargo fmt --check
	cargo fmt --check --manifest-path fuzz/Cargo.toml
	cargo clippy --locked --all-targets -- -D warnings
	for features in '' $(HOST_FEATURES); do \
		cargo clippy --locked --all-targets --no-default-features --features "$$features" -- -D warnings; \
	done
	cargo clippy --locked --manifest-path fuzz/Cargo.toml --target-dir target --no-default-features -- -D warnings
	RUSTDOCFLAGS='-D warnings' cargo doc --locked --no-deps --lib
	$(WASM) cargo clippy --locked $(WASM_CARGO_FLAGS) $(WASM_TESTS) --bins -- -D warnings
	for features in '' $(WASM_FEATURES); do \
		$(WASM) cargo clippy --locked --target wasm32-unknown-unknown --lib --no-default-features --features "$$features" -- -D warnings; \
	done

minimum: setup-host ## Build the crate with the oldest Rust that it promises
	scripts/minimum

deny: setup-host ## Check the dependencies: licenses, sources and, with a network, known vulnerabilities
	@scripts/setup deny
	scripts/deny

test-host: setup-host ## Run the engine's tests, on the host
	cargo test --locked

test-interop: setup-interop ## Run the example client and broker against other people's
	cargo build --locked --examples
	node --test tests/interop/*.test.mjs

brokers: setup-interop ## Try other people's brokers, and write docs/brokers.md
	cargo build --locked --example client
	node tests/interop/brokers/table.mjs

test-browser: setup-web setup-browser setup-e2e ## Run the browser driver's tests, in headless Chromium
	node tests/web/servers.mjs $(WASM) cargo test --locked $(WASM_CARGO_FLAGS) $(WASM_TESTS)

dist: setup-web ## Build the static site into dist/, with compressed files beside the others
	$(WASM) trunk build --release
	scripts/compress

size: dist ## Print what opening each page fetches, gzipped, and fail at a limit (SIZE_LIMIT=268000 for the first)
	scripts/size fourstep=$(SIZE_LIMIT) client=$(CLIENT_LIMIT) classroom=$(CLASSROOM_LIMIT)

test-e2e: dist setup-browser setup-e2e ## Drive the built site against a real broker
	node --test tests/e2e/*.test.mjs

frames: dist setup-browser setup-e2e ## Print how many frames a second a busy lab draws
	node tests/e2e/frames.mjs

fuzz: ## Run each fuzz target (FUZZ_SECONDS=600)
	@scripts/setup fuzz
	scripts/fuzz $(FUZZ_SECONDS)

bench: setup-host ## Run the benchmarks
	cargo bench --locked

memory: setup-e2e setup-host ## Print what the broker takes under attack beside its limits
	cargo run --locked --release --quiet --example memory
	cargo build --locked --quiet --example broker
	node tests/interop/memory.mjs

clean: ## Remove what was built here; the tools in ~/.cache/fourstep stay
	cargo clean
	rm -rf dist node_modules test-results
