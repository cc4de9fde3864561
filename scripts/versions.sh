# shellcheck shell=bash disable=SC2034
# The tools that scripts/setup installs. The version of wasm-bindgen-cli is not here: it has to equal
# the wasm-bindgen in Cargo.lock, so it is read from there. npm packages are pinned by
# package-lock.json, and Debian packages by the Debian release.

TRUNK_VERSION=0.21.14
CARGO_FUZZ_VERSION=0.13.2
CARGO_DENY_VERSION=0.20.2
NODE_MINIMUM=18
PAHO_VERSION=2.1.0
AMQTT_VERSION=0.12.1
