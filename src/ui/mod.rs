//! The page: Leptos views of one model each.
//!
//! Views read slices of a model's frame through memos and send back commands.
//! No view touches an engine or a socket.
//!
//! The page is made of modules, each a binary of its own that is fetched when
//! one of its pages is first opened: [`front`], [`client`] and [`classroom`].
//! What stands beside them here is what they share.

pub mod classroom;
pub mod client;
pub mod front;

mod arrow;
mod bench;
mod clipboard;
mod controls;
mod course;
mod crash;
mod diagram;
mod dynamic;
mod files;
mod focus;
mod hex;
mod inspector;
mod isolate;
mod language;
mod legend;
mod live;
mod memory;
mod module;
mod panel;
mod placement;
mod route;
mod rows;
mod scene;
mod scroll;
mod sections;
mod settings;
mod shell;
mod source;
mod transcript;
mod typed;
