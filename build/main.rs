//! Compiles what the crate is written around: the course's prose becomes Rust
//! data, and the page's messages become constants, checked on the way. The
//! recipes are in CONTRIBUTING.md.

#[cfg(feature = "course")]
mod course;
#[cfg(feature = "ui")]
mod messages;

fn main() {
    println!("cargo::rerun-if-changed=build");
    #[cfg(feature = "course")]
    report(course::compile());
    #[cfg(feature = "ui")]
    report(messages::compile());
}

/// Fails the build with what is wrong, a line each.
#[cfg(any(feature = "course", feature = "ui"))]
fn report(compiled: Result<(), Vec<String>>) {
    for line in compiled.err().into_iter().flatten() {
        println!("cargo::error={line}");
    }
}
