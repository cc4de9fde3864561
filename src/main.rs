//! The page. The engine is the library; this only starts its views.

fn main() {
    #[cfg(target_arch = "wasm32")]
    fourstep::ui::mount();
}
