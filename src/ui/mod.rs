//! The page: Leptos views of one [`Lab`](lab::Lab).
//!
//! Views read slices of the lab's frame through memos and send back
//! [`Command`](lab::Command)s. No view touches an engine or a socket.

mod app;
mod arrow;
mod bench;
mod client_page;
mod connect;
mod connect_more;
mod controls;
mod crash;
mod diagram;
mod dynamic;
mod files;
mod focus;
mod form;
mod hex;
mod in_flight;
mod inbox;
mod inspector;
mod lab;
mod legend;
mod outcome;
mod panel;
mod publish;
mod route;
mod scene;
mod scroll;
mod settings;
mod source;
mod status;
mod subscribe;
mod subscriptions;
mod theme;
mod transcript;
mod words;

/// Puts the page into the document's body.
pub fn mount() {
    crash::report_panics();
    leptos::mount::mount_to_body(app::App);
}
