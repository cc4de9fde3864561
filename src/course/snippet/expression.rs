//! What the programs have in common: expressions and lines that may be absent.

use crate::course::sensor::Sensor;

/// Reading `index`, as an expression that is written in the same way in all
/// languages. Decimals that binary floating point does not hold are counted in
/// whole units, or 0.3 - 3 × 0.1 would be printed as -0.0.
pub(super) fn reading(sensor: &Sensor, index: &str) -> String {
    let (start, step) = (sensor.start, sensor.step);
    if start.is_exact_in_binary() && step.is_exact_in_binary() {
        return format!("{} {}", float(&start.to_string()), add(&step.to_string(), index));
    }
    let decimals = sensor.decimals();
    let start = start.scaled(decimals).to_string();
    let step = step.scaled(decimals).to_string();
    let scale = 10_u64.pow(decimals).to_string();
    format!("({} {}) / {}", float(&start), add(&step, index), float(&scale))
}

/// `+ 0.5 * i`, or with a minus.
fn add(step: &str, index: &str) -> String {
    match step.strip_prefix('-') {
        Some(step) => format!("- {} * {index}", float(step)),
        None => format!("+ {} * {index}", float(step)),
    }
}

/// A number as a floating-point literal.
fn float(number: &str) -> String {
    if number.contains('.') { number.to_owned() } else { format!("{number}.0") }
}

/// `line` if the condition holds; else nothing.
pub(super) fn only_if(condition: bool, line: impl Into<String>) -> String {
    if condition { line.into() } else { String::new() }
}
