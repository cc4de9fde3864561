//! The sensor of the course, in the virtual network and as code to copy.

mod golden;
mod literals;
mod readings;

use std::time::Duration;

use fourstep::codec::{QoS, Version};
use fourstep::course::sensor::Sensor;
use fourstep::course::snippet::{AddressError, Library};

/// A sensor with everything set, some of it awkward.
fn elaborate() -> Sensor {
    Sensor {
        url: "wss://broker.example/mqtt?key=\"a\"".into(),
        version: Version::V5,
        client_identifier: "it's \"sensor\" 7".into(),
        clean_start: false,
        session_expiry_interval: 3_600,
        user_name: Some("ada\\\nlovelace".into()),
        has_password: true,
        topic: "温度/${x}/{y}/\u{202E}\u{1F600}".into(),
        qos: QoS::ExactlyOnce,
        retain: true,
        count: 7,
        every: Duration::from_millis(1_250),
        start: "0.3".parse().expect("a decimal"),
        step: "-0.1".parse().expect("a decimal"),
    }
}

/// The same in MQTT 3.1.1 on TCP.
fn elaborate_v311() -> Sensor {
    let qos = QoS::AtLeastOnce;
    Sensor { url: "mqtts://[::1]".into(), version: Version::V311, qos, ..elaborate() }
}

#[test]
fn an_address_that_is_none_gives_no_snippet() {
    let sensor = Sensor { url: "localhost".into(), ..Sensor::default() };
    for library in Library::ALL {
        assert_eq!(library.snippet(&sensor), Err(AddressError::Scheme));
    }
}
