//! The driver in a real browser, against a real broker and against servers
//! that misbehave. `make test-browser` starts them.

#![cfg(all(target_arch = "wasm32", feature = "web"))]

mod durable;
mod failures;
mod flows;
mod load;
mod page;
mod support;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
