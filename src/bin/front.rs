//! The module of the front page.

fn main() {
    #[cfg(target_arch = "wasm32")]
    fourstep::ui::front::mount();
}
