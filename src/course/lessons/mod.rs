//! The lessons. Each is a folder: `mod.rs` is what it plays and asks, `en.md`
//! and `zh.md` what it says. CONTRIBUTING.md has the recipe.

#[path = "13_choosing/mod.rs"]
mod choosing;
#[path = "12_cost/mod.rs"]
mod cost;
#[path = "07_downgrade/mod.rs"]
mod downgrade;
#[path = "14_exhaustion/mod.rs"]
mod exhaustion;
#[path = "15_for_real/mod.rs"]
mod for_real;
#[path = "06_memory/mod.rs"]
mod memory;
#[path = "01_message/mod.rs"]
mod message;
#[path = "08_nobody_home/mod.rs"]
mod nobody_home;
#[path = "10_order/mod.rs"]
mod order;
#[path = "03_qos_0/mod.rs"]
mod qos_0;
#[path = "04_qos_1/mod.rs"]
mod qos_1;
#[path = "05_qos_2/mod.rs"]
mod qos_2;
#[path = "11_retained_and_will/mod.rs"]
mod retained_and_will;
#[path = "09_retry/mod.rs"]
mod retry;
#[path = "02_two_deliveries/mod.rs"]
mod two_deliveries;

use super::Lesson;

/// Every lesson, in the order of the course.
pub static LESSONS: &[&Lesson] = &[
    &message::LESSON,
    &two_deliveries::LESSON,
    &qos_0::LESSON,
    &qos_1::LESSON,
    &qos_2::LESSON,
    &memory::LESSON,
    &downgrade::LESSON,
    &nobody_home::LESSON,
    &retry::LESSON,
    &order::LESSON,
    &retained_and_will::LESSON,
    &cost::LESSON,
    &choosing::LESSON,
    &exhaustion::LESSON,
    &for_real::LESSON,
];

/// The prose of the lesson in this folder.
macro_rules! prose {
    ($folder:literal) => {{
        use super::names::*;
        include!(concat!(env!("OUT_DIR"), "/prose/", $folder, ".rs"))
    }};
}
use prose;

/// What compiled prose is made of.
mod names {
    pub use crate::course::{Block, Inline, Part, Prose, received, sent};
}
