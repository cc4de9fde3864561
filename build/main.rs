//! Compiles the prose of the course: Markdown becomes Rust data, checked on
//! the way. The recipe is in CONTRIBUTING.md.

#[cfg(feature = "course")]
mod course;

fn main() {
    println!("cargo::rerun-if-changed=build");
    #[cfg(feature = "course")]
    if let Err(wrong) = course::compile() {
        for line in wrong {
            println!("cargo::error={line}");
        }
    }
}
