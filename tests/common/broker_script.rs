//! Runs a broker by a script of bytes, for proptest and for the fuzzer: any
//! bytes are a script of four clients that are right, wrong or broken. What
//! must hold at any time is asserted here.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use fourstep::broker::{Broker, Config, ConnectionId, Event, Limits, Output, Verdict};
use fourstep::codec::{
    Ack, Auth, Connect, Disconnect, Framer, Packet, PacketIdentifier, Properties, Property,
    Publish, QoS, ReasonCode, RetainHandling, Subscribe, Subscription, Unsubscribe, Version, Will,
    decode, encode,
};
use fourstep::time::Instant;

/// How far a script came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reached {
    /// CONNACKs with success.
    pub connected: usize,
    /// CONNACKs with a session that went on.
    pub resumed: usize,
    /// PUBLISH packets to clients.
    pub delivered: usize,
    /// Copies that did not fit into a queue.
    pub dropped: u64,
}

/// Runs the whole script. Returns how far it came and every output.
pub fn run(script: &[u8]) -> (Reached, Vec<Output>) {
    let mut script = Script(script);
    let mut world = World::new();
    while !script.0.is_empty() {
        world.step(&mut script);
        world.drain();
        world.check();
    }
    world.reached.dropped += world.broker.counters().messages_dropped;
    (world.reached, world.outputs)
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
}

struct World {
    broker: Broker,
    now: Instant,
    clients: [Option<Client>; 4],
    /// Who asks for a verdict.
    asking: Vec<ConnectionId>,
    next: u64,
    reached: Reached,
    outputs: Vec<Output>,
}

/// One client's end of its connection.
struct Client {
    connection: ConnectionId,
    version: Version,
    framer: Framer,
    receive_maximum: usize,
    maximum_packet_size: usize,
    alias_maximum: u16,
    aliases: BTreeSet<u16>,
    /// Identifiers of messages that this client has not finished.
    unfinished: BTreeMap<PacketIdentifier, QoS>,
    /// Those of them whose PUBLISH came on this connection.
    counted: BTreeSet<PacketIdentifier>,
}

impl World {
    fn new() -> Self {
        World {
            broker: Broker::new(config()),
            now: Instant::from_millis(1),
            clients: [const { None }; 4],
            asking: Vec::new(),
            next: 0,
            reached: Reached::default(),
            outputs: Vec::new(),
        }
    }

    fn step(&mut self, script: &mut Script<'_>) {
        let place = script.below(4);
        let Some(client) = &mut self.clients[place] else { return self.open(place, script) };
        let (connection, version) = (client.connection, client.version);
        let packet = match script.below(64) {
            0 => return self.close(place),
            1..4 => return self.broker.handle_blocked(self.now, connection, script.flag()),
            4..6 => return self.wait(script),
            6..8 => return self.decide(script),
            8 => return self.restart(script),
            9 => {
                let mut bytes: Vec<_> = (0..script.below(20)).map(|_| script.byte()).collect();
                if bytes.is_empty() {
                    // The start of a PUBLISH that is larger than what is free.
                    bytes = vec![0x30, 0x80, 0x80, 0x04];
                    bytes.resize(17_000 + 1_000 * script.below(4), b'a');
                }
                return self.broker.handle_bytes(self.now, connection, &bytes);
            }
            10 => Packet::Disconnect(disconnect(version, script)),
            11..20 => Packet::Subscribe(subscribe(version, script)),
            20..22 => Packet::Unsubscribe(Unsubscribe {
                packet_identifier: identifier(script),
                filters: vec![script.pick(FILTERS).into()],
                properties: Properties::new(),
            }),
            22 => auth(script),
            23 => script.pick(&[Packet::PingReq, Packet::PingResp].each_ref()).clone(),
            24..40 => acknowledge(client, script),
            _ => Packet::Publish(publish(version, script)),
        };
        self.send(place, &packet);
    }

    fn open(&mut self, place: usize, script: &mut Script<'_>) {
        let connect = connect(place, script);
        let properties = &connect.properties;
        let client = Client {
            connection: ConnectionId(self.next),
            version: connect.version,
            framer: Framer::default(),
            receive_maximum: properties.receive_maximum().unwrap_or(u16::MAX).into(),
            maximum_packet_size: properties.maximum_packet_size().unwrap_or(u32::MAX) as usize,
            alias_maximum: properties.topic_alias_maximum().unwrap_or(0),
            aliases: BTreeSet::new(),
            unfinished: BTreeMap::new(),
            counted: BTreeSet::new(),
        };
        self.next += 1;
        self.broker.handle_open(self.now, client.connection);
        self.clients[place] = Some(client);
        self.send(place, &Packet::Connect(Box::new(connect)));
    }

    fn send(&mut self, place: usize, packet: &Packet) {
        let Some(client) = &self.clients[place] else { return };
        let mut bytes = Vec::new();
        // What this version cannot say stays unsaid.
        let _ = encode(client.version, packet, &mut bytes);
        self.broker.handle_bytes(self.now, client.connection, &bytes);
    }

    fn close(&mut self, place: usize) {
        if let Some(client) = self.clients[place].take() {
            self.broker.handle_close(self.now, client.connection);
        }
    }

    fn decide(&mut self, script: &mut Script<'_>) {
        let Some(connection) = self.asking.pop() else { return };
        let verdict = match script.below(3) {
            0 => Verdict::Accept(None),
            1 => Verdict::Continue("more".into()),
            _ => Verdict::Refuse(ReasonCode::NotAuthorized),
        };
        self.broker.authenticate(self.now, connection, verdict);
    }

    /// Lets time pass, timer by timer: each moves on.
    fn wait(&mut self, script: &mut Script<'_>) {
        let end = self.now + Duration::from_secs(script.below(30) as u64);
        for round in 0.. {
            assert!(round < 1_000, "a timer spins");
            let Some(at) = self.broker.next_timeout().filter(|at| *at <= end) else { break };
            self.now = self.now.max(at);
            self.broker.handle_timeout(self.now);
            self.drain();
        }
        self.now = end;
    }

    fn restart(&mut self, script: &mut Script<'_>) {
        if script.flag() {
            self.broker.shut_down(self.now);
            self.drain();
        }
        self.reached.dropped += self.broker.counters().messages_dropped;
        let broker = std::mem::replace(&mut self.broker, Broker::new(config()));
        self.broker = Broker::with_store(self.now, config(), broker.into_store());
        self.clients = [const { None }; 4];
        self.asking.clear();
    }

    fn drain(&mut self) {
        while let Some(output) = self.broker.poll() {
            match &output {
                Output::Send(connection, bytes) => self.receive(*connection, bytes),
                Output::Close(connection) => {
                    let closed = |it: &Option<Client>| {
                        it.as_ref().is_some_and(|client| client.connection == *connection)
                    };
                    self.clients.iter_mut().filter(|it| closed(it)).for_each(|it| *it = None);
                }
                Output::Event(Event::Authenticate { connection, .. }) => {
                    self.asking.push(*connection);
                }
                Output::Event(_) => {}
            }
            self.outputs.push(output);
        }
    }

    fn receive(&mut self, connection: ConnectionId, bytes: &[u8]) {
        let clients = self.clients.iter_mut().flatten();
        let Some(client) = clients.into_iter().find(|it| it.connection == connection) else {
            panic!("bytes for a connection that is gone");
        };
        client.framer.push(bytes);
        while let Some(frame) = client.framer.next_packet(client.version).expect("it is framed") {
            assert!(frame.len() <= client.maximum_packet_size, "[MQTT-3.1.2-24]");
            let packet = decode(client.version, &frame).expect("the broker sends valid packets");
            client.receive(packet, &mut self.reached);
        }
        assert!(client.framer.pending().is_empty(), "a Send ends within a packet");
    }

    fn check(&self) {
        let (limits, sessions) = (limits(), self.broker.snapshot());
        let counters = self.broker.counters();
        assert!(sessions.len() <= limits.max_sessions);
        assert!(self.broker.retained(usize::MAX).len() <= limits.max_retained);
        let usage = self.broker.usage();
        assert!(usage.retained <= limits.retained_bytes, "{usage:?}");
        // A queue makes room for several when one comes, and for identifiers
        // there is another limit.
        assert!(usage.sessions <= limits.total_session_bytes + 4_000, "{usage:?}");
        assert!(!sessions.is_empty() || usage.sessions == 0, "{usage:?}");
        assert!(self.clients.iter().any(Option::is_some) || usage.connections == 0, "{usage:?}");
        let connected = sessions.iter().filter(|session| session.connection.is_some()).count();
        assert_eq!(counters.clients_connected, connected as u64);
        let subscriptions: usize = sessions.iter().map(|it| it.subscriptions.len()).sum();
        assert_eq!(counters.subscriptions, subscriptions as u64);
        for session in sessions {
            assert!(session.queued <= limits.queue_capacity);
            assert!(session.subscriptions.len() <= limits.max_subscriptions);
            // A session that is to end with its connection has one.
            assert!(session.connection.is_some() || !session.expiry.is_zero());
        }
    }
}

impl Client {
    fn receive(&mut self, packet: Packet, reached: &mut Reached) {
        match packet {
            Packet::ConnAck(connack) if connack.reason == ReasonCode::Success => {
                reached.connected += 1;
                reached.resumed += usize::from(connack.session_present);
            }
            Packet::Publish(publish) => {
                reached.delivered += 1;
                if let Some(identifier) = publish.packet_identifier {
                    self.unfinished.insert(identifier, publish.qos);
                    self.counted.insert(identifier);
                    assert!(self.counted.len() <= self.receive_maximum, "[MQTT-3.3.4-9]");
                }
                if let Some(alias) = publish.properties.topic_alias() {
                    assert!(alias <= self.alias_maximum, "[MQTT-3.3.2-11]");
                    let known = !self.aliases.insert(alias);
                    assert!(known || !publish.topic.is_empty(), "an alias for nothing");
                }
            }
            Packet::PubRel(ack) => drop(self.unfinished.insert(ack.packet_identifier, RELEASED)),
            _ => {}
        }
    }
}

fn connect(place: usize, script: &mut Script<'_>) -> Connect {
    // Now and then a client comes in the name of another.
    let name = script.below(32);
    let name = if name < 5 { name } else { place };
    let version = script.pick(&[Version::V311, Version::V5]);
    let flags = script.byte();
    let has = |bit: u8| flags & 1 << bit != 0;
    let mut properties = Properties::new();
    if version == Version::V5 {
        let choices = [
            (1, Property::SessionExpiryInterval(20)),
            (2, Property::ReceiveMaximum(1)),
            (3, Property::MaximumPacketSize(40)),
            (4, Property::TopicAliasMaximum(2)),
        ];
        choices.into_iter().filter(|(bit, _)| has(*bit)).for_each(|(_, it)| properties.push(it));
        if flags == 0xFF {
            properties.push(Property::AuthenticationMethod("M".into()));
        }
    }
    let mut will = Will { qos: qos(script), topic: "a".into(), retain: has(5), ..Will::default() };
    if version == Version::V5 && has(7) {
        will.properties.push(Property::WillDelayInterval(5));
    }
    Connect {
        version,
        clean_start: has(0),
        keep_alive: if has(7) { 10 } else { 0 },
        client_identifier: ["x", "y", "z", "w", "v"][name].into(),
        will: has(6).then_some(will),
        properties,
        ..Connect::default()
    }
}

fn publish(version: Version, script: &mut Script<'_>) -> Publish {
    let (qos, flags) = (qos(script), script.byte());
    let mut properties = Properties::new();
    let mut topic = script.pick(&["a", "a/b", "a/b/c", "$x", "$SYS/a", "/"]);
    if version == Version::V5 && flags & 0x90 == 0x90 {
        properties.push(Property::TopicAlias(if flags == 0xFF { 3 } else { 1 }));
        topic = if flags & 0x60 == 0x60 { "" } else { topic };
    }
    if version == Version::V5 && flags & 0x08 != 0 {
        properties.push(Property::MessageExpiryInterval(5));
    }
    Publish {
        dup: qos.is_acknowledged() && flags & 1 != 0,
        qos,
        retain: flags & 2 != 0,
        topic: topic.into(),
        packet_identifier: qos.is_acknowledged().then(|| identifier(script)),
        payload: vec![b'x'; usize::from(flags & 4) * 10].into(),
        properties,
    }
}

fn subscribe(version: Version, script: &mut Script<'_>) -> Subscribe {
    let flags = script.byte();
    let filter = script.pick(FILTERS);
    let mut subscription =
        Subscription { filter: filter.into(), qos: qos(script), ..Subscription::default() };
    let mut properties = Properties::new();
    if version == Version::V5 {
        subscription.no_local = flags & 1 != 0 && !filter.starts_with("$share");
        subscription.retain_as_published = flags & 2 != 0;
        subscription.retain_handling =
            RetainHandling::from_bits(flags >> 2 & 3).unwrap_or_default();
        if flags & 0x10 != 0 {
            properties.push(Property::SubscriptionIdentifier(u32::from(flags)));
        }
    }
    let packet_identifier = identifier(script);
    Subscribe { packet_identifier, subscriptions: vec![subscription], properties }
}

/// An answer to what is unfinished, as it should be or not at all.
fn acknowledge(client: &mut Client, script: &mut Script<'_>) -> Packet {
    let wanted = script.below(4);
    let Some((&identifier, &qos)) = client.unfinished.iter().nth(wanted) else {
        let ack = Ack::success(identifier(script));
        client.counted.remove(&ack.packet_identifier);
        return match script.below(16) {
            0 => Packet::PubAck(ack),
            1 => Packet::PubRec(ack),
            2 => Packet::PubComp(ack),
            _ => Packet::PubRel(ack),
        };
    };
    let ack = Ack::success(identifier);
    match qos {
        QoS::ExactlyOnce => Packet::PubRec(ack),
        QoS::AtLeastOnce => {
            client.counted.remove(&identifier);
            client.unfinished.remove(&identifier);
            Packet::PubAck(ack)
        }
        RELEASED => {
            client.counted.remove(&identifier);
            client.unfinished.remove(&identifier);
            Packet::PubComp(ack)
        }
    }
}

fn disconnect(version: Version, script: &mut Script<'_>) -> Disconnect {
    if version == Version::V311 {
        return Disconnect::default();
    }
    let reason = script.pick(&[ReasonCode::Success, ReasonCode::DisconnectWithWillMessage]);
    let mut properties = Properties::new();
    if script.flag() {
        properties.push(Property::SessionExpiryInterval(script.below(20) as u32));
    }
    Disconnect { reason, properties }
}

fn auth(script: &mut Script<'_>) -> Packet {
    let reason = script.pick(&[ReasonCode::ContinueAuthentication, ReasonCode::ReAuthenticate]);
    let method = Property::AuthenticationMethod(script.pick(&["M", "N"]).into());
    let properties = Properties::new().with(method);
    Packet::Auth(Auth { reason, properties })
}

fn qos(script: &mut Script<'_>) -> QoS {
    script.pick(&QoS::ALL)
}

fn identifier(script: &mut Script<'_>) -> PacketIdentifier {
    PacketIdentifier::new(1 + script.below(4) as u16).expect("it is at least 1")
}

fn config() -> Config {
    let authentication_methods = vec!["M".into()];
    Config { limits: limits(), authentication_methods, ..Config::default() }
}

fn limits() -> Limits {
    Limits {
        max_connections: 4,
        max_sessions: 4,
        queue_capacity: 2,
        queue_bytes: 800,
        max_subscriptions: 3,
        max_retained: 2,
        total_session_bytes: 12_000,
        retained_bytes: 1_600,
        connection_bytes: 3_000,
        receive_maximum: 3,
        topic_alias_maximum: 2,
        connect_timeout: 5,
        ..Limits::default()
    }
}

/// Stands for a QoS 2 message whose PUBREL has come.
const RELEASED: QoS = QoS::AtMostOnce;

const FILTERS: &[&str] =
    &["#", "a", "a/+", "a/#", "+", "$x/#", "$share/g/a", "$share/g/#", "$SYS/#", "+/+/c"];
