//! What goes by too fast to be read: lines without words, and all that look
//! alike in one path.

use std::fmt::Write as _;

use super::label::Look;
use crate::trace::{Fate, Record};

/// A place in the drawing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// From the left.
    pub x: f64,
    /// From the top.
    pub y: f64,
}

/// A record without its words.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// The class of its [`Look`], or `rule`.
    pub class: &'static str,
    /// Where it starts.
    pub from: Point,
    /// Where it ends.
    pub to: Point,
    /// What is there.
    pub end: End,
}

/// What is at the end of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// An arrow's head.
    Head,
    /// The sign that the packet was lost.
    Lost,
    /// Nothing: it is no arrow.
    Bare,
}

/// The lines that look alike.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stroke {
    /// That of the lines: a CSS class.
    pub class: &'static str,
    /// An SVG path in whole pixels.
    pub path: String,
}

impl Line {
    /// Of this record, between these places.
    pub fn of(record: &Record, from: Point, to: Point) -> Line {
        let Some(look) = Look::of(record) else {
            return Line { class: "rule", from, to, end: End::Bare };
        };
        let end = if matches!(record.fate, Fate::Lost(_)) { End::Lost } else { End::Head };
        Line { class: look.class, from, to, end }
    }

    /// The line as a path, moved up by `top`.
    fn draw(&self, top: f64, path: &mut String) {
        let Line { from, to, end, .. } = *self;
        let (from, to) = (Point { y: from.y - top, ..from }, Point { y: to.y - top, ..to });
        stroke(path, &[from, to]);
        let at = |x: f64, y: f64| Point { x: to.x + x, y: to.y + y };
        match end {
            End::Bare => {}
            End::Lost => {
                stroke(path, &[at(-CROSS, -CROSS), at(CROSS, CROSS)]);
                stroke(path, &[at(-CROSS, CROSS), at(CROSS, -CROSS)]);
            }
            End::Head => {
                let (x, y) = (to.x - from.x, to.y - from.y);
                let length = (x * x + y * y).sqrt().max(1.0);
                let (x, y) = (x / length, y / length);
                let wing = |side: f64| at(-HEAD * x - side * y, side * x - HEAD * y);
                stroke(path, &[wing(-WING), to, wing(WING)]);
            }
        }
    }
}

/// One path for each look, in the order in which the looks are first met.
/// Heights are counted from `top`.
pub fn strokes(lines: impl Iterator<Item = Line>, top: f64) -> Vec<Stroke> {
    let mut strokes: Vec<Stroke> = Vec::new();
    for line in lines {
        let index = strokes.iter().position(|stroke| stroke.class == line.class);
        let index = index.unwrap_or_else(|| {
            strokes.push(Stroke { class: line.class, path: String::new() });
            strokes.len() - 1
        });
        if let Some(stroke) = strokes.get_mut(index) {
            line.draw(top, &mut stroke.path);
        }
    }
    strokes
}

fn stroke(path: &mut String, points: &[Point]) {
    for (index, Point { x, y }) in points.iter().enumerate() {
        let verb = if index == 0 { 'M' } else { 'L' };
        // Writing to a string cannot fail. A cast from a float saturates.
        let _ = write!(path, "{verb}{} {}", x.round() as i32, y.round() as i32);
    }
}

/// Pixels from an arrow's tip back to its wings, and to the side.
const HEAD: f64 = 9.0;
const WING: f64 = 5.0;
/// Half the width of the sign that a packet was lost.
const CROSS: f64 = 5.0;

#[cfg(test)]
mod tests {
    use super::*;

    fn line(class: &'static str, from: (f64, f64), to: (f64, f64), end: End) -> Line {
        let point = |(x, y)| Point { x, y };
        Line { class, from: point(from), to: point(to), end }
    }

    #[test]
    fn lines_that_look_alike_are_one_path() {
        let lines = [
            line("publish", (10.0, 100.0), (110.0, 100.0), End::Head),
            line("rule", (0.0, 120.0), (50.0, 120.0), End::Bare),
            line("publish", (110.0, 140.0), (10.0, 140.0), End::Lost),
        ];
        let strokes = strokes(lines.into_iter(), 100.0);
        let drawn: Vec<_> =
            strokes.iter().map(|stroke| (stroke.class, stroke.path.as_str())).collect();
        let publish = "M10 0L110 0M101 -5L110 0L101 5M110 40L10 40M5 35L15 45M5 45L15 35";
        assert_eq!(drawn, [("publish", publish), ("rule", "M0 20L50 20")]);
    }

    #[test]
    fn a_head_points_along_its_line() {
        let check = |from, to, expect: &str| {
            let strokes = strokes([line("publish", from, to, End::Head)].into_iter(), 0.0);
            assert_eq!(strokes.first().map(|stroke| stroke.path.as_str()), Some(expect));
        };
        check((100.0, 0.0), (0.0, 0.0), "M100 0L0 0M9 5L0 0L9 -5");
        check((0.0, 0.0), (0.0, 50.0), "M0 0L0 50M5 41L0 50L-5 41");
        check((0.0, 0.0), (30.0, 40.0), "M0 0L30 40M29 30L30 40L21 36");
        // Just sent: it has no direction yet.
        check((7.0, 7.0), (7.0, 7.0), "M7 7L7 7M7 7L7 7L7 7");
    }
}
