//! The module of the front page. `src/bin/` has the others. The engine is the
//! library; these only start its views.

fn main() {
    #[cfg(target_arch = "wasm32")]
    fourstep::ui::front::mount();
}
