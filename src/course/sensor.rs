//! The temperature sensor that runs through the course: ten readings, one a
//! second, at a QoS that the learner picks.

use std::time::Duration;

use bytestring::ByteString;

use super::decimal::Decimal;
use crate::codec::{QoS, Version};
use crate::sim::{ClientSetup, Publication};

/// What the sensor publishes, and how it connects: what a panel sets, what the
/// virtual network plays, and what a [snippet](super::snippet) is filled in
/// with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sensor {
    /// The broker's address: `mqtt:`, `mqtts:`, `ws:` or `wss:`.
    pub url: ByteString,
    /// The version that it speaks.
    pub version: Version,
    /// Client Identifier.
    pub client_identifier: ByteString,
    /// Clean Session in 3.1.1, Clean Start in 5.0.
    pub clean_start: bool,
    /// Session Expiry Interval in seconds (5.0).
    pub session_expiry_interval: u32,
    /// User Name.
    pub user_name: Option<ByteString>,
    /// Whether a password goes with the user name. The password itself has no
    /// place in a text to copy.
    pub has_password: bool,
    /// Topic name.
    pub topic: ByteString,
    /// The level.
    pub qos: QoS,
    /// RETAIN flag.
    pub retain: bool,
    /// How many readings, from 1 to [`Publication::MOST_TIMES`].
    pub count: u32,
    /// The time from one reading to the next, in whole milliseconds.
    pub every: Duration,
    /// The first reading, in °C.
    pub start: Decimal,
    /// What each reading adds to the one before it.
    pub step: Decimal,
}

impl Default for Sensor {
    /// Ten readings to `sensor/temperature`, one a second, from 20 °C in steps
    /// of half a degree, at QoS 0.
    fn default() -> Self {
        Sensor {
            url: "ws://localhost:9001".into(),
            version: Version::V5,
            client_identifier: "sensor".into(),
            clean_start: true,
            session_expiry_interval: 0,
            user_name: None,
            has_password: false,
            topic: "sensor/temperature".into(),
            qos: QoS::AtMostOnce,
            retain: false,
            count: 10,
            every: Duration::from_secs(1),
            start: START,
            step: STEP,
        }
    }
}

impl Sensor {
    /// The readings as a series that the virtual network plays.
    pub fn publication(&self) -> Publication {
        let payload = format!("{{{}+{}}}", self.start, self.step);
        let mut series = Publication::new(self.topic.clone(), payload, self.qos);
        (series.retain, series.times, series.every) = (self.retain, self.count, self.every);
        series
    }

    /// The sensor as a client of the virtual network.
    pub fn client(&self) -> ClientSetup {
        let mut client = ClientSetup::new(self.client_identifier.clone(), self.version);
        client.clean_start = self.clean_start;
        client.session_expiry_interval = self.session_expiry_interval;
        client
    }

    /// Digits behind the point of each reading.
    pub fn decimals(&self) -> u32 {
        self.start.decimals().max(self.step.decimals())
    }
}

const START: Decimal = decimal(200);
const STEP: Decimal = decimal(5);

/// So many tenths.
const fn decimal(tenths: i64) -> Decimal {
    match Decimal::new(tenths, 1) {
        Some(decimal) => decimal,
        // Evaluated when the crate is built.
        None => panic!("too many digits"),
    }
}
