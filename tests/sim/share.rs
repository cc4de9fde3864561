//! A scenario and its link say the same.

use bytes::Bytes;
use bytestring::ByteString;
use fourstep::codec::{PacketType, RetainHandling};
use fourstep::session::PassOn;
use fourstep::sim::{
    BrokerSetup, Crossing, Fault, LinkSetup, ShareError, Split, What, When, WillSetup, Wrong,
    setups,
};
use fourstep::trace::Direction;
use proptest::prelude::*;

use crate::*;

#[test]
fn a_link_is_short_and_readable() {
    let mut scenario = publisher_and_subscriber(Version::V5, QoS::ExactlyOnce);
    scenario.clients[SUBSCRIBER].link.latency = Duration::from_millis(100);
    let mut readings = Publication::new("sensor/temperature", "{20.0+0.5}", QoS::ExactlyOnce);
    (readings.times, readings.every) = (10, Duration::from_secs(1));
    scenario.steps.push(step(1_500, Command::Publish(PUBLISHER, readings)));
    let crossing =
        Crossing { direction: Direction::ToClient, packet_type: PacketType::PubRec, nth: 1 };
    let fault = Fault::cut(PUBLISHER, When::Before(crossing));
    scenario.steps.push(step(2_000, Command::Fault(fault)));
    let link = scenario.to_link();
    let expected = "v1;seed,1\
        ;client,publisher,5,keep-alive:10\
        ;client,subscriber,5,keep-alive:10;link,latency:100ms\
        ;0s,0,connect;0s,1,connect;0s,1,subscribe,t,2\
        ;1500ms,0,publish,sensor/temperature,%7B20.0+0.5%7D,2,times:10,every:1s\
        ;2s,0,fault,before:to-client.PUBREC.1,cut";
    assert_eq!(link.as_deref(), Ok(expected));
    assert_eq!(Scenario::from_link(expected), Ok(scenario));
}

#[test]
fn the_seeds_of_the_fuzzer_are_the_links_of_the_set_ups() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/corpus/link");
    for setup in setups::Setup::ALL {
        let seed = std::fs::read_to_string(format!("{folder}/{}", setup.id));
        assert_eq!(seed.ok(), setup.scenario().to_link().ok(), "{}", setup.id);
    }
}

#[test]
fn what_is_no_link_is_refused_with_its_reason() {
    let item = |item, what| ShareError::Item { item, what };
    #[rustfmt::skip]
    let cases = [
        ("", ShareError::Version),
        ("v2", ShareError::Version),
        ("v1;", item(1, Wrong::Unknown)),
        ("v1;nonsense", item(1, Wrong::Unknown)),
        ("v1;seed", item(1, Wrong::Missing)),
        ("v1;seed,-1", item(1, Wrong::Value)),
        ("v1;seed,+1", item(1, Wrong::Value)),
        ("v1;seed,", item(1, Wrong::Value)),
        ("v1;seed,18446744073709551616", item(1, Wrong::Value)),
        ("v1;seed,1,2", item(1, Wrong::Unknown)),
        ("v1;seed,1;seed,1", item(2, Wrong::Place)),
        ("v1;broker,queue:1;seed,1", item(2, Wrong::Place)),
        ("v1;broker,receive-maximum:0", item(1, Wrong::Value)),
        ("v1;broker,maximum-qos:3", item(1, Wrong::Value)),
        ("v1;broker,no-retain:1", item(1, Wrong::Value)),
        ("v1;broker,pass-on-at-pubrel:1", item(1, Wrong::Value)),
        ("v1;client", item(1, Wrong::Missing)),
        ("v1;client,a", item(1, Wrong::Missing)),
        ("v1;client,a,4", item(1, Wrong::Value)),
        ("v1;client,a b,5", item(1, Wrong::Encoding)),
        ("v1;client,%,5", item(1, Wrong::Encoding)),
        ("v1;client,%4,5", item(1, Wrong::Encoding)),
        ("v1;client,%G0,5", item(1, Wrong::Encoding)),
        ("v1;client,%FF,5", item(1, Wrong::Encoding)),
        ("v1;client,ä,5", item(1, Wrong::Encoding)),
        ("v1;client,a,5,clean,clean", item(1, Wrong::Repeated)),
        ("v1;client,a,5,stays-away,reconnect:1s", item(1, Wrong::Repeated)),
        ("v1;client,a,5,keep-alive:65536", item(1, Wrong::Value)),
        ("v1;client,a,5,retry:1", item(1, Wrong::Value)),
        ("v1;client,a,5,retry:1h", item(1, Wrong::Value)),
        ("v1;client,a,5,retry:86401s", item(1, Wrong::Value)),
        ("v1;client,a,5,retry:99999999999999999999s", item(1, Wrong::Value)),
        ("v1;will,t,x", item(1, Wrong::Place)),
        ("v1;client,a,5;link;will,t,x", item(3, Wrong::Place)),
        ("v1;client,a,5;link;link", item(3, Wrong::Place)),
        ("v1;client,a,5;link,split:1,split-random:2", item(2, Wrong::Repeated)),
        ("v1;client,a,5;0s,0,connect;client,b,5", item(3, Wrong::Place)),
        ("v1;client,a,5;0s", item(2, Wrong::Missing)),
        ("v1;client,a,5;0s,0,dance", item(2, Wrong::Unknown)),
        ("v1;client,a,5;0s,0,connect,now", item(2, Wrong::Unknown)),
        ("v1;client,a,5;0s,0,publish,t,x", item(2, Wrong::Missing)),
        ("v1;client,a,5;0s,0,publish,t,x,3", item(2, Wrong::Value)),
        ("v1;client,a,5;0s,0,publish,t,x,1,times:0", item(2, Wrong::Value)),
        ("v1;client,a,5;0s,0,publish,t,x,1,times:10001", item(2, Wrong::Value)),
        ("v1;client,a,5;0s,0,subscribe,t,1,retain-handling:3", item(2, Wrong::Value)),
        ("v1;client,a,5;0s,0,fault,now,explode", item(2, Wrong::Unknown)),
        ("v1;client,a,5;0s,0,fault,now,cut,keep", item(2, Wrong::Unknown)),
        ("v1;client,a,5;0s,0,fault,now,delay", item(2, Wrong::Missing)),
        ("v1;client,a,5;0s,0,fault,now:1,cut", item(2, Wrong::Value)),
        ("v1;client,a,5;0s,0,fault,before:to-server.PUBLISH.0,cut", item(2, Wrong::Value)),
        ("v1;client,a,5;0s,0,fault,before:to-server.PUBLIC.1,cut", item(2, Wrong::Unknown)),
        ("v1;client,a,5;0s,0,fault,before:up.PUBLISH.1,cut", item(2, Wrong::Unknown)),
        ("v1;client,a,5;0s,0,fault,byte:to-server,cut", item(2, Wrong::Missing)),
        ("v1;0s,0,connect", ShareError::NoSuchClient),
        ("v1;client,a,5;1s,0,connect;0s,0,connect", ShareError::Times),
        ("v1;client,a,5;0s,0,fault,now,withhold", ShareError::Impossible),
        ("v1;client,a,5;0s,0,fault,before:to-server.PUBLISH.1,withhold", ShareError::Impossible),
    ];
    for (text, expected) in cases {
        assert_eq!(Scenario::from_link(text), Err(expected), "{text}");
    }
}

#[test]
fn what_is_too_much_is_refused() {
    let times =
        |steps: usize| format!("v1;client,a,5{}", ";0s,0,publish,t,x,1,times:10000".repeat(steps));
    assert!(Scenario::from_link(&times(10)).is_ok());
    assert_eq!(Scenario::from_link(&times(11)), Err(ShareError::TooMany));
    let clients = |number: usize| format!("v1{}", ";client,a,5".repeat(number));
    assert!(Scenario::from_link(&clients(8)).is_ok());
    assert_eq!(Scenario::from_link(&clients(9)), Err(ShareError::TooMany));
    let steps = |number: usize| format!("v1;client,a,5{}", ";0s,0,connect".repeat(number));
    assert!(Scenario::from_link(&steps(2_000)).is_ok());
    assert_eq!(Scenario::from_link(&steps(2_001)), Err(ShareError::TooMany));
    let long = format!("v1;client,{},5", "a".repeat(64 * 1024));
    assert_eq!(Scenario::from_link(&long), Err(ShareError::TooLong));
    let mut scenario = publisher_and_subscriber(Version::V5, QoS::AtLeastOnce);
    scenario.steps.push(step(0, publish(&"x".repeat(64 * 1024), QoS::AtLeastOnce)));
    assert_eq!(scenario.to_link(), Err(ShareError::TooLong));
    scenario.steps.push(step(0, Command::Connect(2)));
    assert_eq!(scenario.to_link(), Err(ShareError::NoSuchClient));
}

proptest! {
    #[test]
    fn a_scenario_and_its_link_say_the_same(scenario in any_scenario()) {
        let link = scenario.to_link().expect("it is small enough");
        let fits = link.bytes().all(fits_into_a_fragment);
        prop_assert!(fits, "{}", link);
        prop_assert_eq!(Scenario::from_link(&link), Ok(scenario));
    }

    #[test]
    fn a_damaged_link_is_refused_or_means_what_it_says(
        scenario in any_scenario(),
        at in any::<prop::sample::Index>(),
        insert in "[a-z0-9,;:%.~-]{0,3}",
        remove in 0..4_usize,
    ) {
        let mut link = scenario.to_link().expect("it is small enough");
        let start = at.index(link.len());
        let end = (start + remove).min(link.len());
        link.replace_range(start..end, &insert);
        if let Ok(read) = Scenario::from_link(&link) {
            let again = read.to_link().expect("it was small enough");
            prop_assert_eq!(Scenario::from_link(&again), Ok(read));
        }
    }

    #[test]
    fn no_text_upsets_the_reader(text in ".{0,200}") {
        prop_assert!(Scenario::from_link(&text).is_err());
        let _ = Scenario::from_link(&format!("v1;{text}"));
    }
}

fn fits_into_a_fragment(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~/+$,;:%".contains(&byte)
}

pub fn any_scenario() -> impl Strategy<Value = Scenario> {
    (any::<u64>(), any_broker(), prop::collection::vec(any_client(), 1..4)).prop_flat_map(
        |(seed, broker, clients)| {
            let step = (any_duration(), any_command(clients.len()));
            prop::collection::vec(step, 0..8).prop_map(move |mut steps| {
                steps.sort_by_key(|(at, _)| *at);
                let steps =
                    steps.into_iter().map(|(at, command)| Step { at: Instant::ZERO + at, command });
                let clients = clients.clone();
                Scenario { seed, broker: broker.clone(), clients, steps: steps.collect() }
            })
        },
    )
}

fn any_duration() -> impl Strategy<Value = Duration> {
    prop_oneof![
        Just(Duration::ZERO),
        (0..86_400_000_000_u64).prop_map(Duration::from_micros),
        (0..86_400_u64).prop_map(Duration::from_secs),
        (0..5_000_u64).prop_map(Duration::from_millis),
    ]
}

fn any_text() -> impl Strategy<Value = ByteString> {
    ".{0,12}".prop_map(ByteString::from)
}

fn any_bytes() -> impl Strategy<Value = Bytes> {
    prop::collection::vec(any::<u8>(), 0..12).prop_map(Bytes::from)
}

fn any_qos() -> impl Strategy<Value = QoS> {
    prop::sample::select(&QoS::ALL[..])
}

fn any_broker() -> impl Strategy<Value = BrokerSetup> {
    (1..=u16::MAX, any_qos(), any::<bool>(), any::<u32>(), any::<bool>()).prop_map(
        |(receive_maximum, maximum_qos, retain_available, queue_capacity, late)| BrokerSetup {
            receive_maximum,
            maximum_qos,
            retain_available,
            queue_capacity,
            pass_on: if late { PassOn::PubRel } else { PassOn::Publish },
        },
    )
}

fn any_client() -> impl Strategy<Value = ClientSetup> {
    let session = (any::<bool>(), any::<u32>(), any::<u16>(), 1..=u16::MAX, any::<bool>());
    let waits = (prop::option::of(any_duration()), prop::option::of(any_duration()));
    let version = prop::sample::select(vec![Version::V311, Version::V5]);
    (any_text(), version, session, waits, prop::option::of(any_will()), any_link()).prop_map(
        |(name, version, session, waits, will, link)| {
            let (clean_start, session_expiry_interval, keep_alive, receive_maximum, topic_aliases) =
                session;
            let (reconnect, retry_interval) = waits;
            ClientSetup {
                name,
                version,
                clean_start,
                session_expiry_interval,
                keep_alive,
                receive_maximum,
                will,
                topic_aliases,
                reconnect,
                retry_interval,
                link,
            }
        },
    )
}

fn any_will() -> impl Strategy<Value = WillSetup> {
    (any_text(), any_bytes(), any_qos(), any::<bool>(), any::<u32>()).prop_map(
        |(topic, payload, qos, retain, delay)| WillSetup { topic, payload, qos, retain, delay },
    )
}

fn any_link() -> impl Strategy<Value = LinkSetup> {
    let split = prop_oneof![
        Just(Split::Whole),
        any::<u16>().prop_map(Split::Every),
        any::<u16>().prop_map(Split::Random),
    ];
    (any_duration(), any_duration(), any::<u32>(), split).prop_map(
        |(latency, jitter, bandwidth, split)| LinkSetup { latency, jitter, bandwidth, split },
    )
}

fn any_command(clients: usize) -> impl Strategy<Value = Command> {
    let what = prop_oneof![
        Just(Command::Connect(0)),
        Just(Command::Disconnect(0)),
        any_publication().prop_map(|publication| Command::Publish(0, publication)),
        any_subscription().prop_map(|wanted| Command::Subscribe(0, wanted)),
        any_text().prop_map(|filter| Command::Unsubscribe(0, filter)),
        any_link().prop_map(|link| Command::SetLink(0, link)),
        any_fault().prop_map(Command::Fault),
    ];
    (what, 0..clients).prop_map(|(command, client)| match command {
        Command::Connect(_) => Command::Connect(client),
        Command::Disconnect(_) => Command::Disconnect(client),
        Command::Publish(_, publication) => Command::Publish(client, publication),
        Command::Subscribe(_, wanted) => Command::Subscribe(client, wanted),
        Command::Unsubscribe(_, filter) => Command::Unsubscribe(client, filter),
        Command::SetLink(_, link) => Command::SetLink(client, link),
        Command::Fault(fault) => Command::Fault(Fault { client, ..fault }),
    })
}

fn any_publication() -> impl Strategy<Value = Publication> {
    let series = (1..=Publication::MOST_TIMES, any_duration());
    (any_text(), any_bytes(), any_qos(), any::<bool>(), prop::option::of(any::<u32>()), series)
        .prop_map(|(topic, payload, qos, retain, expiry, (times, every))| Publication {
            topic,
            payload,
            qos,
            retain,
            expiry,
            times,
            every,
        })
}

fn any_subscription() -> impl Strategy<Value = Subscription> {
    let handling = prop::sample::select(vec![
        RetainHandling::Send,
        RetainHandling::SendIfNew,
        RetainHandling::DoNotSend,
    ]);
    (any_text(), any_qos(), any::<bool>(), any::<bool>(), handling).prop_map(
        |(filter, qos, no_local, retain_as_published, retain_handling)| Subscription {
            filter,
            qos,
            no_local,
            retain_as_published,
            retain_handling,
        },
    )
}

fn any_fault() -> impl Strategy<Value = Fault> {
    let direction = prop::sample::select(vec![Direction::ToServer, Direction::ToClient]);
    let packet_type = prop::sample::select(&PacketType::ALL[..]);
    let crossing = (direction.clone(), packet_type, 1..=u32::MAX)
        .prop_map(|(direction, packet_type, nth)| Crossing { direction, packet_type, nth });
    let when = prop_oneof![
        Just(When::Now),
        crossing.clone().prop_map(When::Before),
        crossing.prop_map(When::After),
        (direction, any::<u64>()).prop_map(|(way, byte)| When::Byte(way, byte)),
    ];
    let what =
        (0..6, any::<bool>(), any_duration()).prop_map(|(kind, keep_store, down_for)| match kind {
            0 => What::Cut { down_for },
            1 => What::HalfOpen,
            2 => What::Delay(down_for),
            3 => What::CrashClient { keep_store, down_for },
            4 => What::RestartBroker { keep_store, down_for },
            _ => What::Withhold,
        });
    (when, what)
        .prop_map(|(when, what)| Fault { client: 0, when, what })
        .prop_filter("it can be", Fault::is_possible)
}

#[test]
fn a_link_with_too_many_bytes_to_publish_is_refused() {
    let payload =
        |bytes: usize| format!("v1;client,a,5;0s,0,publish,t,{},1,times:10000", "x".repeat(bytes));
    assert!(Scenario::from_link(&payload(1_676)).is_ok());
    assert_eq!(Scenario::from_link(&payload(1_677)), Err(ShareError::TooMuch));
}
