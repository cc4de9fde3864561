//! Runs a client by a script of bytes, for proptest and for the fuzzer: any
//! bytes are a script. The first choose the configuration, the others are
//! commands, inputs and a server that is right, wrong or broken. What must
//! hold at any time is asserted here.

use std::collections::BTreeSet;
use std::time::Duration;

use fourstep::client::{
    Backoff, Client, Config, ConnectionNumber, Event, Output, Status, UnknownSession,
};
use fourstep::codec::{
    Ack, Auth, ConnAck, Disconnect, Framer, Packet, PacketIdentifier, Properties, Property,
    Publish, QoS, ReasonCode, SubAck, Subscribe, Subscription, Unsubscribe, Version, decode,
    encode,
};
use fourstep::session::{OnSessionLoss, QueuePolicy, Token};
use fourstep::time::Instant;

/// How far a script came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reached {
    /// Connections with a CONNACK.
    pub connected: usize,
    /// Messages of the client that came to their end.
    pub finished: usize,
    /// Messages of the server that were delivered.
    pub delivered: usize,
}

/// Runs the whole script.
pub fn run(script: &[u8]) -> Reached {
    let mut script = Script(script);
    let mut world = World::new(&mut script);
    while !script.0.is_empty() {
        world.step(&mut script);
        world.drain();
    }
    Reached { finished: world.finished.len(), ..world.reached }
}

/// Bytes to decide by; zeros when they are used up.
struct Script<'a>(&'a [u8]);

impl Script<'_> {
    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    fn flag(&mut self) -> bool {
        self.byte() & 1 == 1
    }

    fn below(&mut self, end: usize) -> usize {
        usize::from(self.byte()) % end
    }

    fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    fn bytes(&mut self) -> Vec<u8> {
        let length = usize::from(self.byte()).min(self.0.len());
        let (taken, rest) = self.0.split_at(length);
        self.0 = rest;
        taken.to_vec()
    }

    fn identifier(&mut self) -> PacketIdentifier {
        PacketIdentifier::new(u16::from(self.byte() % 8) + 1).expect("not zero")
    }

    fn qos(&mut self) -> QoS {
        self.pick(&QoS::ALL)
    }

    fn topic(&mut self) -> &'static str {
        self.pick(&["a", "a/b", "longer/topic", "another/topic", "", "a/#", "+", "$share/g/a"])
    }

    fn reason(&mut self) -> ReasonCode {
        self.pick(ReasonCode::ALL)
    }

    /// A few properties of every kind, mostly where they do not belong.
    fn properties(&mut self) -> Properties {
        let count = self.below(4).saturating_sub(1);
        (0..count).map(|_| self.property()).collect()
    }

    fn property(&mut self) -> Property {
        let small = self.byte();
        match self.below(14) {
            0 => Property::SessionExpiryInterval(u32::from(small)),
            1 => Property::ReceiveMaximum(u16::from(small)),
            2 => Property::MaximumQoS(small & 1),
            3 => Property::RetainAvailable(small & 1 == 1),
            4 => Property::MaximumPacketSize(u32::from(small)),
            5 => Property::TopicAliasMaximum(u16::from(small)),
            6 => Property::TopicAlias(u16::from(small % 20)),
            7 => Property::ServerKeepAlive(u16::from(small)),
            8 => Property::AssignedClientIdentifier("assigned".into()),
            9 => Property::AuthenticationMethod("method".into()),
            10 => Property::WildcardSubscriptionAvailable(small & 1 == 1),
            11 => Property::SharedSubscriptionAvailable(small & 1 == 1),
            12 => Property::SubscriptionIdentifier(u32::from(small)),
            _ => Property::MessageExpiryInterval(u32::from(small)),
        }
    }

    fn publish(&mut self) -> Publish {
        let qos = self.qos();
        Publish {
            dup: self.flag() && qos.is_acknowledged(),
            qos,
            retain: self.flag(),
            topic: self.topic().into(),
            packet_identifier: qos.is_acknowledged().then(|| self.identifier()),
            properties: self.properties(),
            payload: vec![b'x'; usize::from(self.byte())].into(),
        }
    }

    fn subscriptions(&mut self) -> Vec<Subscription> {
        let subscription = |script: &mut Self| Subscription {
            filter: script.topic().into(),
            qos: script.qos(),
            no_local: script.flag(),
            ..Subscription::default()
        };
        (0..self.below(4)).map(|_| subscription(self)).collect()
    }

    fn server_packet(&mut self) -> Packet {
        let ack = |script: &mut Self| Ack::new(script.identifier(), script.reason());
        let answer = |script: &mut Self| SubAck {
            packet_identifier: script.identifier(),
            reasons: (0..script.below(4)).map(|_| script.reason()).collect(),
            properties: Properties::new(),
        };
        match self.below(15) {
            0 | 1 => Packet::ConnAck(ConnAck {
                session_present: self.flag(),
                reason: if self.flag() { ReasonCode::Success } else { self.reason() },
                properties: self.properties(),
            }),
            2..=4 => Packet::Publish(self.publish()),
            5 => Packet::PubAck(ack(self)),
            6 => Packet::PubRec(ack(self)),
            7 => Packet::PubRel(ack(self)),
            8 => Packet::PubComp(ack(self)),
            9 => Packet::SubAck(answer(self)),
            10 => Packet::UnsubAck(answer(self)),
            11 => Packet::PingResp,
            12 => Packet::Disconnect(Disconnect {
                reason: self.reason(),
                properties: Properties::new(),
            }),
            13 => Packet::Auth(Auth {
                reason: self.pick(&[
                    ReasonCode::ContinueAuthentication,
                    ReasonCode::Success,
                    ReasonCode::ReAuthenticate,
                ]),
                properties: Properties::new().with(Property::AuthenticationMethod("method".into())),
            }),
            _ => Packet::PingReq,
        }
    }

    fn unknown_session(&mut self) -> UnknownSession {
        self.pick(&[UnknownSession::Ask, UnknownSession::StartOver, UnknownSession::Adopt])
    }

    fn token(&mut self) -> Token {
        Token(u64::from(self.byte() % 16))
    }

    fn config(&mut self) -> Config {
        let version = self.pick(&[Version::V311, Version::V5]);
        let mut config = Config::new(version, self.pick(&["", "client"]));
        config.clean_start = self.flag();
        config.session_expiry_interval = u32::from(self.byte());
        config.keep_alive = u16::from(self.byte());
        config.maximum_packet_size = self.pick(&[10, 300, 1 << 20]);
        config.topic_alias_maximum = u16::from(self.byte() % 16);
        config.resubscribe = self.flag();
        config.limits.queue_capacity = self.below(8);
        config.limits.queue_policy = self.pick(&[QueuePolicy::RefuseNew, QueuePolicy::DropOldest]);
        config.limits.queue_qos0 = self.flag();
        config.limits.receive_maximum = u16::from(self.byte() % 8) + 1;
        config.limits.durable = self.flag();
        config.limits.on_session_loss =
            self.pick(&[OnSessionLoss::StartOver, OnSessionLoss::GiveUp]);
        if self.flag() {
            config.reconnect = Some(Backoff::new(u64::from(self.byte())));
        }
        if self.flag() && version == Version::V311 {
            config.retry_interval = Some(Duration::from_micros(u64::from(self.byte()) + 1));
        }
        if self.flag() && version == Version::V5 {
            config.authentication = Some(("method".into(), "data".into()));
        }
        config.unknown_session = self.unknown_session();
        config.limits.hold_after = self.pick(&[None, Some(0), Some(1), Some(3)]);
        config
    }
}

/// A client, and a server that remembers what it was asked.
struct World {
    client: Client,
    version: Version,
    now: Instant,
    connection: ConnectionNumber,
    framer: Framer,
    /// Packets of the client that the server has not answered.
    asked: Vec<Packet>,
    /// What the server's last CONNACK allowed.
    maximum_packet_size: usize,
    is_open: bool,
    finished: BTreeSet<Token>,
    reached: Reached,
}

impl World {
    fn new(script: &mut Script<'_>) -> Self {
        let config = script.config();
        World {
            version: config.version,
            client: Client::new(config),
            now: Instant::ZERO,
            connection: ConnectionNumber::default(),
            framer: Framer::default(),
            asked: Vec::new(),
            maximum_packet_size: usize::MAX,
            is_open: false,
            finished: BTreeSet::new(),
            reached: Reached::default(),
        }
    }

    fn step(&mut self, script: &mut Script<'_>) {
        match script.below(28) {
            0 | 1 => self.command(|client, now| client.connect(now).is_ok()),
            2..=4 => {
                let message = script.publish();
                self.command(|client, now| client.publish(now, message).is_ok());
            }
            5 => {
                let (wanted, properties) = (script.subscriptions(), script.properties());
                self.command(|client, now| client.subscribe(now, wanted, properties).is_ok());
            }
            6 => {
                let filters = (0..script.below(3)).map(|_| script.topic().into()).collect();
                self.command(|client, now| {
                    client.unsubscribe(now, filters, Properties::new()).is_ok()
                });
            }
            7 => self.command(|client, now| client.authenticate(now, None).is_ok()),
            8 => {
                let words = Disconnect { reason: script.reason(), properties: script.properties() };
                self.command(|client, now| client.disconnect_with(now, words).is_ok());
            }
            9 => self.command(|client, now| client.disconnect(now).is_ok()),
            10 => self.client.reconnect_now(self.now),
            11 | 12 => self.open(),
            13 => {
                self.is_open = false;
                self.client.handle_close(self.now, self.connection, "cut");
            }
            14 => self.time_out(),
            15 => {
                self.now = self.now + Duration::from_millis(1 << (script.byte() % 40));
                self.time_out_early();
                self.time_out();
            }
            16 => {
                let bytes = script.bytes();
                self.client.handle_bytes(self.now, self.connection, &bytes);
            }
            17 => {
                let packet = script.server_packet();
                self.receive(&packet, Some((script.byte(), script.byte())));
            }
            18 | 19 => {
                let packet = script.server_packet();
                self.receive(&packet, None);
            }
            20 => {
                let unknown = script.unknown_session();
                self.command(|client, now| client.connect_deciding(now, unknown).is_ok());
            }
            21 => {
                let token = script.token();
                self.command(|client, now| client.give_up(now, token).is_ok());
            }
            22 => {
                let token = script.token();
                self.command(|client, now| client.send_held(now, token).is_ok());
            }
            _ => self.answer(script),
        }
    }

    /// A command that fails changes nothing.
    fn command(&mut self, command: impl FnOnce(&mut Client, Instant) -> bool) {
        let before = self.client.snapshot();
        let timeout = self.client.next_timeout();
        if !command(&mut self.client, self.now) {
            assert_eq!(self.client.snapshot(), before);
            assert_eq!(self.client.next_timeout(), timeout);
            assert_eq!(self.client.poll(), None);
        }
    }

    fn open(&mut self) {
        if self.client.status() == Status::Opening {
            self.framer = Framer::default();
            self.asked.clear();
            self.maximum_packet_size = usize::MAX;
            self.is_open = true;
        }
        self.client.handle_open(self.now, self.connection);
    }

    /// A timer that comes too early changes nothing.
    fn time_out_early(&mut self) {
        if self.client.next_timeout().is_none_or(|timeout| timeout > self.now) {
            self.client.handle_timeout(self.now);
            assert_eq!(self.client.poll(), None);
        }
    }

    /// The timer must move on: a driver that obeys it does not spin.
    fn time_out(&mut self) {
        if let Some(timeout) = self.client.next_timeout() {
            self.now = self.now.max(timeout);
        }
        self.client.handle_timeout(self.now);
        self.drain();
        if let Some(timeout) = self.client.next_timeout() {
            assert!(timeout > self.now, "{timeout:?} is not after {:?}", self.now);
        }
    }

    /// The server sends this, with one byte changed perhaps.
    fn receive(&mut self, packet: &Packet, damage: Option<(u8, u8)>) {
        let mut bytes = Vec::new();
        if encode(self.version, packet, &mut bytes).is_err() {
            return;
        }
        if let Some((at, mask)) = damage {
            let at = usize::from(at) % bytes.len();
            bytes[at] ^= mask;
        }
        self.client.handle_bytes(self.now, self.connection, &bytes);
    }

    /// The server answers one of the client's packets as it should.
    fn answer(&mut self, script: &mut Script<'_>) {
        if self.asked.is_empty() {
            return;
        }
        let asked = self.asked.remove(script.below(self.asked.len()));
        let answer = match asked {
            Packet::Connect(connect) => Packet::ConnAck(ConnAck {
                session_present: !connect.clean_start && script.flag(),
                reason: ReasonCode::Success,
                properties: match (self.version, connect.client_identifier.is_empty()) {
                    (Version::V5, true) => script
                        .properties()
                        .with(Property::AssignedClientIdentifier("assigned".into())),
                    (Version::V5, false) => script.properties(),
                    (Version::V311, _) => Properties::new(),
                },
            }),
            Packet::Publish(Publish { qos, packet_identifier: Some(identifier), .. }) => {
                match qos {
                    QoS::ExactlyOnce => Packet::PubRec(Ack::success(identifier)),
                    _ => Packet::PubAck(Ack::success(identifier)),
                }
            }
            Packet::PubRec(ack) => Packet::PubRel(Ack::success(ack.packet_identifier)),
            Packet::PubRel(ack) => Packet::PubComp(Ack::success(ack.packet_identifier)),
            Packet::Subscribe(Subscribe { packet_identifier, subscriptions, .. }) => {
                Packet::SubAck(SubAck {
                    packet_identifier,
                    reasons: vec![ReasonCode::Success; subscriptions.len()],
                    properties: Properties::new(),
                })
            }
            Packet::Unsubscribe(Unsubscribe { packet_identifier, filters, .. }) => {
                let reasons = match self.version {
                    Version::V311 => Vec::new(),
                    Version::V5 => vec![ReasonCode::Success; filters.len()],
                };
                Packet::UnsubAck(SubAck {
                    packet_identifier,
                    reasons,
                    properties: Properties::new(),
                })
            }
            Packet::PingReq => Packet::PingResp,
            _ => return,
        };
        self.receive(&answer, None);
    }

    /// Does what the client asks for, and looks at everything that it sends.
    fn drain(&mut self) {
        let mut outputs = 0;
        while let Some(output) = self.client.poll() {
            outputs += 1;
            assert!(outputs < MOST_OUTPUTS, "one step gave {outputs} outputs");
            match output {
                Output::Send(bytes) => {
                    assert!(self.is_open, "sent without a connection");
                    assert!(!bytes.is_empty());
                    self.framer.push(&bytes);
                }
                Output::Open(number) => self.connection = number,
                Output::Close(number) => {
                    assert_eq!(number, self.connection);
                    self.look_at_packets();
                    self.is_open = false;
                }
                Output::Event(Event::Finished(token, _)) => {
                    assert!(self.finished.insert(token), "{token:?} finished twice");
                }
                Output::Event(Event::Connected(connack)) => {
                    self.reached.connected += 1;
                    let maximum = connack.properties.maximum_packet_size();
                    self.maximum_packet_size = maximum.map_or(usize::MAX, |size| size as usize);
                }
                Output::Event(Event::Message(_)) => self.reached.delivered += 1,
                Output::Store(..) | Output::Remove(_) | Output::Event(_) => {}
            }
        }
        self.look_at_packets();
    }

    fn look_at_packets(&mut self) {
        while let Some(bytes) = self.framer.next_packet(self.version).expect("whole packets") {
            let packet = decode(self.version, &bytes).expect("right packets");
            let from_server = matches!(
                packet,
                Packet::ConnAck(_) | Packet::SubAck(_) | Packet::UnsubAck(_) | Packet::PingResp
            );
            assert!(!from_server, "{packet:?}");
            let is_connect = matches!(packet, Packet::Connect(_));
            assert!(is_connect || bytes.len() <= self.maximum_packet_size, "{packet:?}");
            self.asked.push(packet);
        }
        assert!(self.framer.pending().is_empty());
        // A server does not remember for ever.
        let excess = self.asked.len().saturating_sub(MOST_ASKED);
        self.asked.drain(..excess);
    }
}

/// Far more than the state of a small configuration gives in one step.
const MOST_OUTPUTS: usize = 10_000;
const MOST_ASKED: usize = 64;
