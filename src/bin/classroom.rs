//! The module of the lab and of the course.

fn main() {
    #[cfg(target_arch = "wasm32")]
    fourstep::ui::classroom::mount();
}
