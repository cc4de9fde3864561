//! The readings: in the virtual network, and as the programs compute them.

use std::time::Duration;

use fourstep::codec::{QoS, Subscription};
use fourstep::course::decimal::Decimal;
use fourstep::course::sensor::Sensor;
use fourstep::course::snippet::Library;
use fourstep::sim::{ClientSetup, Command, Scenario, Step, World};
use fourstep::time::Instant;
use proptest::prelude::*;

#[test]
fn ten_readings_a_second_apart_reach_a_subscriber_at_each_level() {
    for qos in QoS::ALL {
        let sensor = Sensor { qos, ..Sensor::default() };
        let subscriber = ClientSetup::new("subscriber", sensor.version);
        let filter = Subscription { filter: "sensor/#".into(), qos, ..Subscription::default() };
        let commands = [
            (0, Command::Connect(0)),
            (0, Command::Connect(1)),
            (0, Command::Subscribe(1, filter)),
            (1, Command::Publish(0, sensor.publication())),
        ];
        let steps = commands.map(|(second, command)| Step {
            at: Instant::ZERO + Duration::from_secs(second),
            command,
        });
        let mut world = World::new(&Scenario {
            clients: vec![sensor.client(), subscriber],
            steps: steps.into(),
            ..Scenario::default()
        });
        assert!(world.run_until_quiet(Duration::from_secs(60)), "it comes to rest");
        let inbox = world.inbox(1).expect("there is a subscriber");
        let payloads: Vec<_> =
            inbox.deliveries.iter().map(|it| it.message.payload.clone()).collect();
        assert_eq!(payloads, READINGS, "at QoS {qos}");
        assert!(inbox.deliveries.iter().all(|it| it.message.qos == qos));
        let seconds: Vec<_> =
            inbox.deliveries.iter().map(|it| it.at.as_micros() / 1_000_000).collect();
        assert_eq!(seconds, Vec::from_iter(1..=10));
    }
}

proptest! {
    #[test]
    fn a_program_computes_the_readings_that_the_network_plays(
        start in decimal(),
        step in decimal(),
        index in 0..10_000_u32,
    ) {
        let sensor = Sensor { start, step, ..Sensor::default() };
        let expected = sensor.publication().payload_at(index);
        for (library, before, after, variable) in [
            (Library::Paho, "f\"{", ":.", "i"),
            (Library::MqttJs, "reading = (", ").toFixed", "i"),
            (Library::Rumqttc, "}\", ", ");\n", "f64::from(i)"),
        ] {
            let snippet = library.snippet(&sensor).expect("an address");
            let (_, expression) = snippet.split_once(before).expect("a reading");
            let (expression, _) = expression.split_once(after).expect("its end");
            let value = evaluate(expression, variable, index);
            let text = format!("{value:.*}", sensor.decimals() as usize);
            prop_assert_eq!(text.as_bytes(), &expected, "{}", expression);
        }
    }
}

fn decimal() -> impl Strategy<Value = Decimal> {
    (-999_999_999..=999_999_999_i64, 0..=3_u32).prop_map(|(units, decimals)| {
        let whole = units % 1_000_000;
        Decimal::new(units, decimals).or(Decimal::new(whole, decimals)).expect("it fits")
    })
}

/// `a + b * i` or `(a + b * i) / c`, or with a minus, in binary floating point
/// as all three languages do it.
fn evaluate(expression: &str, variable: &str, index: u32) -> f64 {
    if let Some((sum, scale)) = expression.split_once(") / ") {
        let sum = sum.strip_prefix('(').expect("a parenthesis");
        return evaluate(sum, variable, index) / scale.parse::<f64>().expect("a scale");
    }
    let product = expression.strip_suffix(&format!(" * {variable}")).expect("a product");
    let (start, step) = product.rsplit_once(' ').expect("a step");
    let (start, sign) = start.rsplit_once(' ').expect("a sign");
    let start: f64 = start.parse().expect("a start");
    let added = step.parse::<f64>().expect("a step") * f64::from(index);
    if sign == "-" { start - added } else { start + added }
}

const READINGS: [&str; 10] =
    ["20.0", "20.5", "21.0", "21.5", "22.0", "22.5", "23.0", "23.5", "24.0", "24.5"];
