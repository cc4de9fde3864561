//! What a world holds is bounded, whatever a link makes it do.

use fourstep::codec::PacketType;
use fourstep::sim::Timeline;
use fourstep::trace::{Record, RecordKind};

use crate::*;

#[test]
fn a_series_that_the_network_does_not_hold_ends_with_a_note() {
    // Each byte is a piece of its own and takes 3 s, and there are 13 million.
    let world = played(&flood("link,latency:3s,split:1", "aaaaaaaaaaaaaaaa", 10_000), 21);
    assert!(notes(&world).any(|note| note.contains("the network is full")));
    let published = sent(&world, PacketType::Publish);
    assert!((10..10_000).contains(&published), "{published} of 100,000");
}

#[test]
fn what_an_engine_sends_again_and_again_ends_with_a_cut() {
    // 100 messages of 8 kB, repeated each millisecond into a link that takes an hour.
    let steps = format!("publish,t,{},1,times:100", "a".repeat(8_000));
    let link = format!(
        "v1;client,a,311,keep-alive:0,retry:1ms;0s,0,connect;1s,0,link,latency:3600s;2s,0,{steps}"
    );
    let world = played(&link, 10);
    assert!(notes(&world).any(|note| note.contains("more is under way than the network holds")));
}

#[test]
fn an_inbox_is_bounded_in_bytes_and_keeps_the_newest() {
    let payload = "a".repeat(6_000);
    let world = played(&flood("link", &payload, 260), 30);
    let inbox = world.inbox(1).expect("the client is there");
    assert!(inbox.total > inbox.deliveries.len() as u64, "all {} are held", inbox.total);
    let bytes: usize = inbox.deliveries.iter().map(|it| it.message.payload.len()).sum();
    assert!(bytes <= 2 << 20 && bytes > 1 << 20, "{bytes} bytes are held");
}

#[test]
fn a_heavy_world_is_scrubbed_as_a_light_one() {
    // Each checkpoint would take a megabyte.
    let link = flood("link,latency:3s,split:1", "aaaaaaaa", 12);
    let scenario = Scenario::from_link(&link).expect("it is a link");
    let mut timeline = Timeline::new(&scenario);
    for moment in [26_500, 23_000, 26_000] {
        timeline.seek(millis(moment));
        let mut world = World::new(&scenario);
        world.advance_to(millis(moment));
        assert_eq!(timeline.world().trace().to_text(), world.trace().to_text());
    }
}

/// A publisher and seven subscribers: ten series at the same moment.
fn flood(link: &str, payload: &str, times: u32) -> String {
    let mut text = "v1".to_owned();
    (0..8).for_each(|client| text += &format!(";client,c{client},5;{link}"));
    (0..8).for_each(|client| text += &format!(";0s,{client},connect"));
    (1..8).for_each(|client| text += &format!(";7s,{client},subscribe,%23,0"));
    (0..10).for_each(|_| text += &format!(";20s,0,publish,t,{payload},0,times:{times}"));
    text
}

/// The world of this link after so many seconds.
fn played(link: &str, seconds: u64) -> World {
    let mut world = World::new(&Scenario::from_link(link).expect("it is a link"));
    world.advance_to(millis(seconds * 1_000));
    world
}

fn notes(world: &World) -> impl Iterator<Item = String> {
    let notes = world.trace().records().filter(|it| matches!(it.kind, RecordKind::Note(_)));
    notes.map(|note| note.summary())
}

fn sent(world: &World, packet_type: PacketType) -> usize {
    let first = |record: &Record| record.bytes().map(|bytes| bytes[0] >> 4);
    world.trace().records().filter(|it| first(it) == Some(packet_type as u8)).count()
}
