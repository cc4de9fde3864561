use std::ops::RangeInclusive;
use std::time::Duration;

use super::error::{ShareError, Wrong};
use super::fields::{Fields, Value};
use super::limits::{MOST_CLIENTS, MOST_STEPS, VERSION};
use super::write;
use crate::codec::{PacketType, RetainHandling, Subscription, Version};
use crate::session::PassOn;
use crate::sim::{
    ClientSetup, Command, Crossing, Fault, LinkSetup, Publication, Scenario, Split, Step, What,
    When, WillSetup,
};
use crate::time::Instant;
use crate::trace::Direction;

/// Reads the whole text.
pub(super) fn scenario(text: &str) -> Result<Scenario, ShareError> {
    let mut items = text.split(';');
    if items.next() != Some(VERSION) {
        return Err(ShareError::Version);
    }
    let mut reader = Reader::default();
    for (index, item) in items.enumerate() {
        reader
            .item(Fields::new(item))
            .map_err(|what| ShareError::Item { item: index + 1, what })?;
        let Scenario { clients, steps, .. } = &reader.scenario;
        if clients.len() > MOST_CLIENTS || steps.len() > MOST_STEPS {
            return Err(ShareError::TooMany);
        }
    }
    Ok(reader.scenario)
}

/// What was read so far, and what may still come.
#[derive(Default)]
struct Reader {
    scenario: Scenario,
    place: Place,
}

/// The latest item. Items come in this order, the three of a client again for
/// each client.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    #[default]
    Start,
    Seed,
    Broker,
    Client,
    Will,
    Link,
    Step,
}

impl Reader {
    fn item(&mut self, mut fields: Fields<'_>) -> Result<(), Wrong> {
        match fields.word()? {
            "seed" => {
                self.enter(Place::Seed, Place::Start..=Place::Start)?;
                self.scenario.seed = fields.value()?.number()?;
            }
            "broker" => {
                self.enter(Place::Broker, Place::Start..=Place::Seed)?;
                self.broker(&mut fields)?;
            }
            "client" => {
                self.enter(Place::Client, Place::Start..=Place::Link)?;
                self.scenario.clients.push(client(&mut fields)?);
            }
            "will" => {
                self.enter(Place::Will, Place::Client..=Place::Client)?;
                let will = will(&mut fields)?;
                self.last_client()?.will = Some(will);
            }
            "link" => {
                self.enter(Place::Link, Place::Client..=Place::Will)?;
                let link = link(&mut fields)?;
                self.last_client()?.link = link;
            }
            time if time.starts_with(|c: char| c.is_ascii_digit()) => {
                self.enter(Place::Step, Place::Start..=Place::Step)?;
                let at = Instant::ZERO + Value::of(time).duration()?;
                let client = fields.value()?.number()?;
                let command = command(client, &mut fields)?;
                self.scenario.steps.push(Step { at, command });
            }
            _ => return Err(Wrong::Unknown),
        }
        fields.end()
    }

    fn enter(&mut self, place: Place, after: RangeInclusive<Place>) -> Result<(), Wrong> {
        if !after.contains(&self.place) {
            return Err(Wrong::Place);
        }
        self.place = place;
        Ok(())
    }

    fn last_client(&mut self) -> Result<&mut ClientSetup, Wrong> {
        self.scenario.clients.last_mut().ok_or(Wrong::Place)
    }

    fn broker(&mut self, fields: &mut Fields<'_>) -> Result<(), Wrong> {
        let broker = &mut self.scenario.broker;
        fields.options(|name, value| {
            match name {
                "receive-maximum" => broker.receive_maximum = value.positive()?,
                "maximum-qos" => broker.maximum_qos = value.qos()?,
                "no-retain" => broker.retain_available = !value.flag()?,
                "queue" => broker.queue_capacity = value.number()?,
                "pass-on-at-pubrel" => {
                    value.flag()?;
                    broker.pass_on = PassOn::PubRel;
                }
                _ => return Err(Wrong::Unknown),
            }
            Ok(())
        })
    }
}

fn client(fields: &mut Fields<'_>) -> Result<ClientSetup, Wrong> {
    let name = fields.string()?;
    let version = match fields.word()? {
        "311" => Version::V311,
        "5" => Version::V5,
        _ => return Err(Wrong::Value),
    };
    let mut client = ClientSetup::new(name, version);
    let mut waits = 0;
    fields.options(|name, value| {
        match name {
            "clean" => client.clean_start = value.flag()?,
            "expiry" => client.session_expiry_interval = value.number()?,
            "keep-alive" => client.keep_alive = value.number()?,
            "receive-maximum" => client.receive_maximum = value.positive()?,
            "aliases" => client.topic_aliases = value.flag()?,
            "stays-away" => client.reconnect = value.flag().map(|_| None)?,
            "reconnect" => client.reconnect = Some(value.duration()?),
            "retry" => client.retry_interval = Some(value.duration()?),
            _ => return Err(Wrong::Unknown),
        }
        waits += u8::from(matches!(name, "stays-away" | "reconnect"));
        if waits > 1 { Err(Wrong::Repeated) } else { Ok(()) }
    })?;
    Ok(client)
}

fn will(fields: &mut Fields<'_>) -> Result<WillSetup, Wrong> {
    let (topic, payload) = (fields.string()?, fields.bytes()?);
    let mut will = WillSetup { topic, payload, ..WillSetup::default() };
    fields.options(|name, value| {
        match name {
            "qos" => will.qos = value.qos()?,
            "retain" => will.retain = value.flag()?,
            "delay" => will.delay = value.number()?,
            _ => return Err(Wrong::Unknown),
        }
        Ok(())
    })?;
    Ok(will)
}

fn link(fields: &mut Fields<'_>) -> Result<LinkSetup, Wrong> {
    let mut link = LinkSetup::default();
    let mut splits = 0;
    fields.options(|name, value| {
        match name {
            "latency" => link.latency = value.duration()?,
            "jitter" => link.jitter = value.duration()?,
            "bandwidth" => link.bandwidth = value.number()?,
            "split" => link.split = Split::Every(value.number()?),
            "split-random" => link.split = Split::Random(value.number()?),
            _ => return Err(Wrong::Unknown),
        }
        splits += u8::from(name.starts_with("split"));
        if splits > 1 { Err(Wrong::Repeated) } else { Ok(()) }
    })?;
    Ok(link)
}

fn command(client: usize, fields: &mut Fields<'_>) -> Result<Command, Wrong> {
    Ok(match fields.word()? {
        "connect" => Command::Connect(client),
        "disconnect" => Command::Disconnect(client),
        "publish" => Command::Publish(client, publication(fields)?),
        "subscribe" => Command::Subscribe(client, subscription(fields)?),
        "unsubscribe" => Command::Unsubscribe(client, fields.string()?),
        "link" => Command::SetLink(client, link(fields)?),
        "fault" => Command::Fault(fault(client, fields)?),
        _ => return Err(Wrong::Unknown),
    })
}

fn publication(fields: &mut Fields<'_>) -> Result<Publication, Wrong> {
    let (topic, payload) = (fields.string()?, fields.bytes()?);
    let mut publication = Publication::new(topic, payload, fields.value()?.qos()?);
    fields.options(|name, value| {
        match name {
            "retain" => publication.retain = value.flag()?,
            "expiry" => publication.expiry = Some(value.number()?),
            "times" => publication.times = value.positive()?,
            "every" => publication.every = value.duration()?,
            _ => return Err(Wrong::Unknown),
        }
        Ok(())
    })?;
    let too_many = publication.times > Publication::MOST_TIMES;
    if too_many { Err(Wrong::Value) } else { Ok(publication) }
}

fn subscription(fields: &mut Fields<'_>) -> Result<Subscription, Wrong> {
    let (filter, qos) = (fields.string()?, fields.value()?.qos()?);
    let mut wanted = Subscription { filter, qos, ..Subscription::default() };
    fields.options(|name, value| {
        match name {
            "no-local" => wanted.no_local = value.flag()?,
            "retain-as-published" => wanted.retain_as_published = value.flag()?,
            "retain-handling" => {
                wanted.retain_handling = match value.word()? {
                    "0" => RetainHandling::Send,
                    "1" => RetainHandling::SendIfNew,
                    "2" => RetainHandling::DoNotSend,
                    _ => return Err(Wrong::Value),
                }
            }
            _ => return Err(Wrong::Unknown),
        }
        Ok(())
    })?;
    Ok(wanted)
}

fn fault(client: usize, fields: &mut Fields<'_>) -> Result<Fault, Wrong> {
    let when = match fields.named()? {
        ("now", value) => value.flag().map(|_| When::Now)?,
        ("before", value) => When::Before(crossing(value.word()?)?),
        ("after", value) => When::After(crossing(value.word()?)?),
        ("byte", value) => {
            let (way, byte) = value.word()?.split_once('.').ok_or(Wrong::Missing)?;
            When::Byte(direction(way)?, Value::of(byte).number()?)
        }
        _ => return Err(Wrong::Unknown),
    };
    let (name, value) = fields.named()?;
    if name != "delay" {
        value.flag()?;
    }
    let what = match name {
        "cut" => What::Cut { down_for: after_effects(fields, false)?.1 },
        "half-open" => What::HalfOpen,
        "delay" => What::Delay(value.duration()?),
        "withhold" => What::Withhold,
        "crash" | "restart" => {
            let (keep_store, down_for) = after_effects(fields, true)?;
            match name {
                "crash" => What::CrashClient { keep_store, down_for },
                _ => What::RestartBroker { keep_store, down_for },
            }
        }
        _ => return Err(Wrong::Unknown),
    };
    Ok(Fault { client, when, what })
}

/// Whether the store is kept, where there is one, and for how long something
/// is gone.
fn after_effects(fields: &mut Fields<'_>, has_store: bool) -> Result<(bool, Duration), Wrong> {
    let (mut keep, mut down_for) = (false, Duration::ZERO);
    fields.options(|name, value| {
        match name {
            "keep" if has_store => keep = value.flag()?,
            "down" => down_for = value.duration()?,
            _ => return Err(Wrong::Unknown),
        }
        Ok(())
    })?;
    Ok((keep, down_for))
}

fn crossing(text: &str) -> Result<Crossing, Wrong> {
    let (way, rest) = text.split_once('.').ok_or(Wrong::Missing)?;
    let (name, nth) = rest.split_once('.').ok_or(Wrong::Missing)?;
    let named = |packet_type: &PacketType| packet_type.name() == name;
    let packet_type = PacketType::ALL.into_iter().find(named).ok_or(Wrong::Unknown)?;
    Ok(Crossing { direction: direction(way)?, packet_type, nth: Value::of(nth).positive()? })
}

fn direction(text: &str) -> Result<Direction, Wrong> {
    let named = |way: &Direction| write::direction(*way) == text;
    [Direction::ToServer, Direction::ToClient].into_iter().find(named).ok_or(Wrong::Unknown)
}
