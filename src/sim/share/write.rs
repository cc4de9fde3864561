use std::fmt::Write as _;
use std::time::Duration;

use super::fields::is_plain;
use super::limits::VERSION;
use crate::codec::{QoS, RetainHandling, Version};
use crate::session::PassOn;
use crate::sim::{
    BrokerSetup, ClientSetup, Command, Crossing, Fault, LinkSetup, Publication, Scenario, Split,
    What, When, WillSetup,
};
use crate::time::Instant;
use crate::trace::Direction;

/// The whole text.
pub(super) fn scenario(scenario: &Scenario) -> String {
    let mut text = Text(VERSION.to_owned());
    if scenario.seed != 0 {
        text.item("seed").value("", scenario.seed);
    }
    if scenario.broker != BrokerSetup::default() {
        text.broker(&scenario.broker);
    }
    for setup in &scenario.clients {
        text.client(setup);
    }
    for step in &scenario.steps {
        text.item(&duration(step.at.since(Instant::ZERO)));
        text.command(&step.command);
    }
    text.0
}

/// A text that grows by items and fields.
struct Text(String);

impl Text {
    fn item(&mut self, name: &str) -> &mut Self {
        self.0.push(';');
        self.0.push_str(name);
        self
    }

    fn word(&mut self, word: &str) -> &mut Self {
        self.0.push(',');
        self.0.push_str(word);
        self
    }

    fn flag(&mut self, name: &str, set: bool) -> &mut Self {
        if set { self.word(name) } else { self }
    }

    fn value(&mut self, name: &str, value: impl std::fmt::Display) -> &mut Self {
        let colon = if name.is_empty() { "" } else { ":" };
        // Writing to a string cannot fail.
        let _ = write!(self.0, ",{name}{colon}{value}");
        self
    }

    /// Only if it is not the default.
    fn other<T: std::fmt::Display + PartialEq>(
        &mut self,
        name: &str,
        value: T,
        default: T,
    ) -> &mut Self {
        if value == default { self } else { self.value(name, value) }
    }

    fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.push(',');
        for byte in bytes {
            if is_plain(*byte) {
                self.0.push(char::from(*byte));
            } else {
                let _ = write!(self.0, "%{byte:02X}");
            }
        }
        self
    }

    fn broker(&mut self, broker: &BrokerSetup) {
        let usual = BrokerSetup::default();
        self.item("broker")
            .other("receive-maximum", broker.receive_maximum, usual.receive_maximum)
            .other("maximum-qos", broker.maximum_qos, usual.maximum_qos)
            .flag("no-retain", !broker.retain_available)
            .other("queue", broker.queue_capacity, usual.queue_capacity)
            .flag("pass-on-at-pubrel", broker.pass_on == PassOn::PubRel);
    }

    fn client(&mut self, setup: &ClientSetup) {
        let usual = ClientSetup::new("", setup.version);
        let version = match setup.version {
            Version::V311 => "311",
            Version::V5 => "5",
        };
        self.item("client")
            .bytes(setup.name.as_bytes())
            .word(version)
            .flag("clean", setup.clean_start)
            .other("expiry", setup.session_expiry_interval, usual.session_expiry_interval)
            .other("keep-alive", setup.keep_alive, usual.keep_alive)
            .other("receive-maximum", setup.receive_maximum, usual.receive_maximum)
            .flag("aliases", setup.topic_aliases);
        match setup.reconnect {
            None => self.word("stays-away"),
            Some(wait) if Some(wait) == usual.reconnect => self,
            Some(wait) => self.value("reconnect", duration(wait)),
        };
        if let Some(interval) = setup.retry_interval {
            self.value("retry", duration(interval));
        }
        if let Some(will) = &setup.will {
            self.will(will);
        }
        if setup.link != LinkSetup::default() {
            self.item("link").link(&setup.link);
        }
    }

    fn will(&mut self, will: &WillSetup) {
        self.item("will")
            .bytes(will.topic.as_bytes())
            .bytes(&will.payload)
            .other("qos", will.qos, QoS::AtMostOnce)
            .flag("retain", will.retain)
            .other("delay", will.delay, 0);
    }

    fn link(&mut self, link: &LinkSetup) {
        let usual = LinkSetup::default();
        self.other("latency", duration(link.latency), duration(usual.latency))
            .other("jitter", duration(link.jitter), duration(usual.jitter))
            .other("bandwidth", link.bandwidth, usual.bandwidth);
        match link.split {
            Split::Whole => self,
            Split::Every(size) => self.value("split", size),
            Split::Random(most) => self.value("split-random", most),
        };
    }

    fn command(&mut self, command: &Command) {
        let client = command.client();
        self.value("", client);
        match command {
            Command::Connect(_) => {
                self.word("connect");
            }
            Command::Disconnect(_) => {
                self.word("disconnect");
            }
            Command::Publish(_, publication) => self.publish(publication),
            Command::Subscribe(_, wanted) => {
                let handling = match wanted.retain_handling {
                    RetainHandling::Send => 0,
                    RetainHandling::SendIfNew => 1,
                    RetainHandling::DoNotSend => 2,
                };
                self.word("subscribe")
                    .bytes(wanted.filter.as_bytes())
                    .value("", wanted.qos)
                    .flag("no-local", wanted.no_local)
                    .flag("retain-as-published", wanted.retain_as_published)
                    .other("retain-handling", handling, 0);
            }
            Command::Unsubscribe(_, filter) => {
                self.word("unsubscribe").bytes(filter.as_bytes());
            }
            Command::SetLink(_, setup) => self.word("link").link(setup),
            Command::Fault(fault) => self.fault(fault),
        }
    }

    fn publish(&mut self, publication: &Publication) {
        self.word("publish")
            .bytes(publication.topic.as_bytes())
            .bytes(&publication.payload)
            .value("", publication.qos)
            .flag("retain", publication.retain);
        if let Some(expiry) = publication.expiry {
            self.value("expiry", expiry);
        }
        self.other("times", publication.times, 1).other(
            "every",
            duration(publication.every),
            duration(Duration::ZERO),
        );
    }

    fn fault(&mut self, fault: &Fault) {
        self.word("fault");
        match fault.when {
            When::Now => self.word("now"),
            When::Before(point) => self.value("before", crossing(point)),
            When::After(point) => self.value("after", crossing(point)),
            When::Byte(way, byte) => self.value("byte", format_args!("{}.{byte}", direction(way))),
        };
        match fault.what {
            What::Cut { down_for } => self.word("cut").down(down_for),
            What::HalfOpen => self.word("half-open"),
            What::Delay(wait) => self.value("delay", duration(wait)),
            What::CrashClient { keep_store, down_for } => {
                self.word("crash").flag("keep", keep_store).down(down_for)
            }
            What::RestartBroker { keep_store, down_for } => {
                self.word("restart").flag("keep", keep_store).down(down_for)
            }
            What::Withhold => self.word("withhold"),
        };
    }

    fn down(&mut self, down_for: Duration) -> &mut Self {
        self.other("down", duration(down_for), duration(Duration::ZERO))
    }
}

fn crossing(point: Crossing) -> String {
    format!("{}.{}.{}", direction(point.direction), point.packet_type.name(), point.nth)
}

pub(super) fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::ToServer => "to-server",
        Direction::ToClient => "to-client",
    }
}

/// In the largest unit that needs no fraction.
fn duration(duration: Duration) -> String {
    let micros = duration.as_micros();
    match (micros % 1_000_000, micros % 1_000) {
        (0, _) => format!("{}s", micros / 1_000_000),
        (_, 0) => format!("{}ms", micros / 1_000),
        _ => format!("{micros}us"),
    }
}
