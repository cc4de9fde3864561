use std::time::Duration;

use super::address::Address;
use super::expression::{only_if, reading};
use super::literal::{Escape, string};
use crate::course::sensor::Sensor;

use crate::codec::{QoS, Version};

/// The sensor for rumqttc 0.25. Readings come from a thread of their own,
/// because the connection only does its work while it is iterated.
pub(super) fn snippet(sensor: &Sensor, address: &Address) -> String {
    let features = only_if(address.websocket, " --features websocket");
    let env = only_if(sensor.user_name.is_some() && sensor.has_password, "env, ");
    let imports = imports(sensor);
    let options = options(sensor, address);
    let (count, decimals) = (sensor.count, sensor.decimals());
    let value = reading(sensor, "f64::from(i)");
    let topic = string(&sensor.topic, Escape::Braces);
    let (qos, retain, every) = (level(sensor.qos), sensor.retain, duration(sensor.every));
    let acknowledgement = acknowledgement(sensor.qos);
    let refusal = only_if(can_be_refused(sensor), REFUSAL);
    format!(
        "\
// cargo add rumqttc@0.25{features}
use std::{{{env}thread, time::Duration}};

{imports}
fn main() -> Result<(), Box<dyn std::error::Error>> {{
{options}    let (client, mut connection) = Client::new(options, 10);

    let sensor = client.clone();
    thread::spawn(move || {{
        for i in 0..{count} {{
            let reading = format!(\"{{:.{decimals}}}\", {value});
            println!(\"{{reading}}\");
            let sent = sensor.publish({topic}, {qos}, {retain}, reading);
            if sent.is_err() {{
                break;
            }}
            thread::sleep({every});
        }}
    }});

    let mut finished = 0;
    for event in connection.iter() {{
        match event? {{
            {acknowledgement} => {{
                finished += 1;
                if finished == {count} {{
                    client.disconnect()?;
                }}
            }}
{refusal}            Event::Outgoing(Outgoing::Disconnect) => break,
            _ => {{}}
        }}
    }}
    Ok(())
}}
"
    )
}

/// Whether the broker may end a flow before its last packet.
fn can_be_refused(sensor: &Sensor) -> bool {
    (sensor.version, sensor.qos) == (Version::V5, QoS::ExactlyOnce)
}

fn imports(sensor: &Sensor) -> &'static str {
    match (sensor.version, sensor.qos.is_acknowledged()) {
        _ if can_be_refused(sensor) => {
            "use rumqttc::Outgoing;\n\
             use rumqttc::v5::mqttbytes::QoS;\n\
             use rumqttc::v5::mqttbytes::v5::{Packet, PubRecReason};\n\
             use rumqttc::v5::{Client, Event, MqttOptions};\n"
        }
        (Version::V311, false) => "use rumqttc::{Client, Event, MqttOptions, Outgoing, QoS};\n",
        (Version::V311, true) => {
            "use rumqttc::{Client, Event, MqttOptions, Outgoing, Packet, QoS};\n"
        }
        (Version::V5, false) => {
            "use rumqttc::Outgoing;\n\
             use rumqttc::v5::mqttbytes::QoS;\n\
             use rumqttc::v5::{Client, Event, MqttOptions};\n"
        }
        (Version::V5, true) => {
            "use rumqttc::Outgoing;\n\
             use rumqttc::v5::mqttbytes::{QoS, v5::Packet};\n\
             use rumqttc::v5::{Client, Event, MqttOptions};\n"
        }
    }
}

/// The options and what is set on them.
fn options(sensor: &Sensor, address: &Address) -> String {
    let text = |text: &str| string(text, Escape::Braces);
    let identifier = text(&sensor.client_identifier);
    // A WebSocket address is given whole, in place of the host.
    let host = if address.websocket { address.to_string() } else { address.bracketed_host() };
    let (host, port) = (text(&host), address.port);
    let mut lines =
        vec![format!("let mut options = MqttOptions::new({identifier}, {host}, {port})")];
    let clean_start = sensor.clean_start;
    match sensor.version {
        Version::V311 => lines.push(format!("options.set_clean_session({clean_start})")),
        Version::V5 => lines.push(format!("options.set_clean_start({clean_start})")),
    }
    if sensor.version == Version::V5 && sensor.session_expiry_interval > 0 {
        let seconds = sensor.session_expiry_interval;
        lines.push(format!("options.set_session_expiry_interval(Some({seconds}))"));
    }
    if let Some(user_name) = &sensor.user_name {
        let password = if sensor.has_password { "env::var(\"MQTT_PASSWORD\")?" } else { "\"\"" };
        lines.push(format!("options.set_credentials({}, {password})", text(user_name)));
    }
    if let Some(transport) = transport(address) {
        lines.push(format!("options.set_transport(rumqttc::Transport::{transport})"));
    }
    lines.iter().map(|line| format!("    {line};\n")).collect()
}

/// What the connection runs on, unless it is plain TCP.
fn transport(address: &Address) -> Option<&'static str> {
    match (address.websocket, address.secure) {
        (false, false) => None,
        (false, true) => Some("tls_with_default_config()"),
        (true, false) => Some("ws()"),
        (true, true) => Some("wss_with_default_config()"),
    }
}

/// The event after which a message is done with.
fn acknowledgement(qos: QoS) -> &'static str {
    match qos {
        QoS::AtMostOnce => "Event::Outgoing(Outgoing::Publish(_))",
        QoS::AtLeastOnce => "Event::Incoming(Packet::PubAck(_))",
        QoS::ExactlyOnce => "Event::Incoming(Packet::PubComp(_))",
    }
}

fn level(qos: QoS) -> &'static str {
    match qos {
        QoS::AtMostOnce => "QoS::AtMostOnce",
        QoS::AtLeastOnce => "QoS::AtLeastOnce",
        QoS::ExactlyOnce => "QoS::ExactlyOnce",
    }
}

fn duration(time: Duration) -> String {
    match (time.as_secs(), time.subsec_millis()) {
        (seconds, 0) => format!("Duration::from_secs({seconds})"),
        _ => format!("Duration::from_millis({})", time.as_millis()),
    }
}

/// What ends the program when a message is refused: the library goes on, and
/// the PUBCOMP that the program counts never comes.
const REFUSAL: &str = "            \
            Event::Incoming(Packet::PubRec(answer))
                if answer.reason != PubRecReason::Success
                    && answer.reason != PubRecReason::NoMatchingSubscribers =>
            {
                return Err(format!(\"refused: {:?}\", answer.reason).into());
            }
";
