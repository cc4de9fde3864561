//! What the prose leads to is there, and lights up when it should.

use fourstep::codec::{PacketType, QoS, Version};
use fourstep::course::{Inline, LESSONS, Language, Lesson, Narration, glossary, received, sent};
use fourstep::sim::World;
use fourstep::trace::Fate;

use crate::play;

#[test]
fn every_link_of_the_prose_leads_somewhere() {
    for lesson in LESSONS {
        for language in Language::ALL {
            lesson.prose(language).walk(&mut |inline| match inline {
                Inline::Term { id, .. } => {
                    assert!(glossary::find(language, id).is_some(), "{}: {id}", lesson.slug);
                }
                Inline::Lesson { slug, .. } => {
                    assert!(Lesson::find(slug).is_some(), "{}: {slug}", lesson.slug);
                }
                _ => {}
            });
        }
    }
}

#[test]
fn a_sentence_is_lit_while_its_packet_is_under_way_and_when_it_has_just_arrived() {
    let lesson = Lesson::find("qos-2").expect("it is there");
    let prose = lesson.prose(Language::English);
    let mut world = World::new(&(lesson.scenario)(Version::V5));
    let mut lit_with_pubrec = 0;
    while !world.is_quiet() && world.step() {
        let trace = world.trace();
        let narration = Narration::of(prose, trace);
        let lit = narration.lit(trace);
        for record in trace.records().filter(|record| record.fate == Fate::UnderWay) {
            let speaks = narration.sentences(record.sequence).collect::<Vec<_>>();
            assert!(speaks.iter().all(|number| lit.contains(number)), "{record:?}");
        }
        let pubrec = received("publisher", PacketType::PubRec).select(trace).next();
        if pubrec.is_some_and(|record| record.arrived() == Some(world.now())) {
            // The second step of the list, and the third, whose packet has left.
            assert!(lit.contains(&1) && lit.contains(&2), "{lit:?}");
            assert!(!lit.contains(&0), "{lit:?}");
            lit_with_pubrec += 1;
        }
    }
    assert!(lit_with_pubrec > 0);
}

#[test]
fn selectors_tell_packets_apart_by_client_direction_count_and_flags() {
    let lesson = Lesson::find("qos-2").expect("it is there");
    let scenario = lesson.experiment("cut-pubrec").expect("it is there");
    let world = play(&scenario(Version::V311));
    let publish = PacketType::Publish;
    for (selector, count) in [
        (sent("publisher", publish), 2),
        (sent("publisher", publish).dup(true), 1),
        (sent("publisher", publish).nth(2), 1),
        (sent("publisher", publish).nth(2).dup(false), 0),
        (sent("publisher", publish).qos(QoS::ExactlyOnce), 2),
        (sent("publisher", publish).qos(QoS::AtLeastOnce), 0),
        (sent("publisher", publish).retain(), 0),
        (sent("subscriber", publish), 0),
        (received("subscriber", publish), 1),
        (received("publisher", publish), 0),
        (sent("", PacketType::PubRec), 1),
        (received("", PacketType::PubRec), 2),
        (received("subscriber", publish).on("sensor/temperature"), 1),
        (received("subscriber", publish).on("sensor"), 0),
        (received("publisher", PacketType::PubRec).on("sensor/temperature"), 0),
        (received("publisher", PacketType::PubRec).lost(), 1),
        (fourstep::course::Selector::closed("publisher"), 1),
        (fourstep::course::Selector::closed("subscriber"), 0),
        (fourstep::course::Selector::opened("publisher"), 2),
    ] {
        let text = world.trace().to_text();
        assert_eq!(selector.select(world.trace()).count(), count, "{selector:?}\n{text}");
    }
}
