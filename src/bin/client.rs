//! The module of the client's page.

fn main() {
    #[cfg(target_arch = "wasm32")]
    fourstep::ui::client::mount();
}
