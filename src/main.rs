//! The page's shell, the module that is fetched first. `src/bin/` has the
//! others. The engine is the library; these only start its views.

fn main() {
    #[cfg(target_arch = "wasm32")]
    fourstep::ui::shell::mount();
}
