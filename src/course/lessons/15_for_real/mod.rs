use super::prose;
use crate::codec::PacketType::{ConnAck, Connect, PubComp, PubRec, PubRel, Publish};
use crate::codec::{QoS, Version};
use crate::course::script::{CUT, READY, Script, reading, sensor};
use crate::course::{
    Answer, Evidence, Experiment, Goal, Instrument, Lesson, Prediction, Selector, received, sent,
};
use crate::sim::Scenario;

pub static LESSON: Lesson = Lesson {
    number: 15,
    slug: "for-real",
    prose: prose!("15_for_real"),
    versions: &[Version::V5, Version::V311],
    scenario: |version| alone(version).finish(),
    experiments: &[Experiment { id: "sensor", scenario: the_sensor }],
    prediction: Prediction {
        scenario: |version| alone(version).publish(CLIENT, reading(QoS::ExactlyOnce)).finish(),
        answers: &[
            Answer { id: "nothing", contradiction: |it| it.first(received("", Publish)) },
            Answer {
                id: "granted",
                contradiction: |it| it.first(received("", Publish).qos(QoS::ExactlyOnce)),
            },
            Answer {
                id: "published",
                contradiction: |it| it.first(received("", Publish).qos(QoS::AtLeastOnce)),
            },
        ],
    },
    goals: &[
        Goal { id: "four-steps", reached: four_steps, solution: published, par: 10 },
        Goal { id: "ten", reached: ten_readings, solution: the_sensor, par: 43 },
        Goal { id: "return", reached: repeated_after_a_break, solution: cut, par: 12 },
    ],
    instrument: Instrument::Broker,
};

/// Who publishes and subscribes, as on the client page.
const CLIENT: &str = "client";

/// One client, subscribed to what it is going to publish.
fn alone(version: Version) -> Script {
    Script::new(version)
        .client(CLIENT)
        .connect(CLIENT)
        .subscribe(CLIENT, "sensor/#", QoS::AtLeastOnce)
        .at(READY)
}

fn published(version: Version) -> Scenario {
    alone(version).publish(CLIENT, reading(QoS::ExactlyOnce)).finish()
}

fn the_sensor(version: Version) -> Scenario {
    alone(version).publish(CLIENT, sensor(QoS::AtLeastOnce)).finish()
}

/// The line breaks before the answer to PUBLISH comes.
fn cut(version: Version) -> Scenario {
    alone(version)
        .before(received(CLIENT, PubRec), CUT)
        .publish(CLIENT, reading(QoS::ExactlyOnce))
        .finish()
}

/// A flow at QoS 2 from beginning to end, with one packet identifier.
fn four_steps(evidence: &Evidence<'_>) -> bool {
    let steps = [
        sent("", Publish).qos(QoS::ExactlyOnce),
        received("", PubRec),
        sent("", PubRel),
        received("", PubComp),
    ];
    let mut last = None;
    steps.into_iter().all(|step| {
        let next = evidence.all(step).find(|record| Some(record.sequence) > last);
        last = next.map(|record| record.sequence);
        last.is_some()
    })
}

/// The ten readings of the sensor came back, in order.
fn ten_readings(evidence: &Evidence<'_>) -> bool {
    let mut expected = (0..10).map(|index| sensor(QoS::AtMostOnce).payload_at(index)).peekable();
    for (_, message) in evidence.publishes(received("", Publish)) {
        expected.next_if_eq(&message.payload);
    }
    expected.peek().is_none()
}

/// A message went out a second time on a connection to a session that was still
/// there.
fn repeated_after_a_break(evidence: &Evidence<'_>) -> bool {
    let repeat = evidence.first(sent("", Publish).dup(true));
    let back = evidence.all(sent("", Connect)).nth(1).map(|record| record.sequence);
    let answer = evidence.all(received("", ConnAck)).nth(1).map(|record| record.sequence);
    let closed = evidence.first(Selector::closed(""));
    let steps = [closed, back, answer, repeat];
    steps.iter().all(Option::is_some) && steps.is_sorted()
}
