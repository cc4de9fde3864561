//! Each program as it is to be, letter for letter.

use fourstep::course::sensor::Sensor;
use fourstep::course::snippet::Library;

use crate::sensor::{elaborate, elaborate_v311};

fn check(library: Library, sensor: &Sensor, expected: &str) {
    let snippet = library.snippet(sensor).expect("an address");
    assert!(snippet == expected, "{}:\n{snippet}", library.name());
}

#[test]
fn the_sensor_as_it_comes_is_short() {
    let sensor = Sensor::default();
    check(Library::Paho, &sensor, include_str!("golden/plain.py"));
    check(Library::MqttJs, &sensor, include_str!("golden/plain.mjs"));
    check(Library::Rumqttc, &sensor, include_str!("golden/plain.rs"));
}

#[test]
fn every_setting_has_its_place() {
    let sensor = elaborate();
    check(Library::Paho, &sensor, include_str!("golden/elaborate.py"));
    check(Library::MqttJs, &sensor, include_str!("golden/elaborate.mjs"));
    check(Library::Rumqttc, &sensor, include_str!("golden/elaborate.rs"));
}

#[test]
fn every_setting_has_its_place_in_mqtt_3_1_1() {
    let sensor = elaborate_v311();
    check(Library::Paho, &sensor, include_str!("golden/elaborate_v311.py"));
    check(Library::MqttJs, &sensor, include_str!("golden/elaborate_v311.mjs"));
    check(Library::Rumqttc, &sensor, include_str!("golden/elaborate_v311.rs"));
}
