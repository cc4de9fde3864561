//! The [sensor](super::sensor) as a program to copy, for the client libraries
//! that people use, filled in with its settings.
//!
//! Each library has a file with one function; [`Library`] lists them.

mod address;
mod literal;
mod mqttjs;
mod paho;
mod rumqttc;

pub use address::{Address, AddressError};

use literal::Escape;

use super::sensor::Sensor;

/// A client library that the sensor can be written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Library {
    /// paho-mqtt 2, in Python.
    Paho,
    /// MQTT.js 5, in JavaScript on Node.
    MqttJs,
    /// rumqttc 0.25, in Rust.
    Rumqttc,
}

impl Library {
    /// All of them.
    pub const ALL: [Library; 3] = [Library::Paho, Library::MqttJs, Library::Rumqttc];

    /// The library's name: for menus, addresses and tests.
    pub const fn name(self) -> &'static str {
        match self {
            Library::Paho => "paho-mqtt",
            Library::MqttJs => "MQTT.js",
            Library::Rumqttc => "rumqttc",
        }
    }

    /// What the file is best called.
    pub const fn file_name(self) -> &'static str {
        match self {
            Library::Paho => "sensor.py",
            Library::MqttJs => "sensor.mjs",
            Library::Rumqttc => "main.rs",
        }
    }

    /// The sensor on this library: a whole program, which waits for the
    /// acknowledgement of each reading and disconnects. If there is a password,
    /// it is read from the environment, from `MQTT_PASSWORD`.
    ///
    /// # Errors
    ///
    /// What is wrong with the broker's address.
    pub fn snippet(self, sensor: &Sensor) -> Result<String, AddressError> {
        let address = Address::parse(&sensor.url)?;
        Ok(match self {
            Library::Paho => paho::snippet(sensor, &address),
            Library::MqttJs => mqttjs::snippet(sensor, &address),
            Library::Rumqttc => rumqttc::snippet(sensor, &address),
        })
    }
}

/// Reading `index`, as an expression that is written in the same way in all
/// languages. Decimals that binary floating point does not hold are counted in
/// whole units, or 0.3 - 3 × 0.1 would be printed as -0.0.
fn reading(sensor: &Sensor, index: &str) -> String {
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
fn only_if(condition: bool, line: impl Into<String>) -> String {
    if condition { line.into() } else { String::new() }
}
