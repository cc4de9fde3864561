//! The [sensor](super::sensor) as a program to copy, for the client libraries
//! that people use, filled in with its settings.
//!
//! Each library has a file with one function; [`Library`] lists them.

mod address;
mod expression;
mod literal;
mod mqttjs;
mod paho;
mod rumqttc;

pub use address::{Address, AddressError};

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
