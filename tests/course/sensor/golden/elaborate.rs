// cargo add rumqttc@0.25 --features websocket
use std::{env, thread, time::Duration};

use rumqttc::Outgoing;
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{Packet, PubRecReason};
use rumqttc::v5::{Client, Event, MqttOptions};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut options = MqttOptions::new("it's \"sensor\" 7", "wss://broker.example:443/mqtt?key=\"a\"", 443);
    options.set_clean_start(false);
    options.set_session_expiry_interval(Some(3600));
    options.set_credentials("ada\\\nlovelace", env::var("MQTT_PASSWORD")?);
    options.set_transport(rumqttc::Transport::wss_with_default_config());
    let (client, mut connection) = Client::new(options, 10);

    let sensor = client.clone();
    thread::spawn(move || {
        for i in 0..7 {
            let reading = format!("{:.1}", (3.0 - 1.0 * f64::from(i)) / 10.0);
            println!("{reading}");
            let sent = sensor.publish("温度/${x}/{y}/\u{202e}😀", QoS::ExactlyOnce, true, reading);
            if sent.is_err() {
                break;
            }
            thread::sleep(Duration::from_millis(1250));
        }
    });

    let mut finished = 0;
    for event in connection.iter() {
        match event? {
            Event::Incoming(Packet::PubComp(_)) => {
                finished += 1;
                if finished == 7 {
                    client.disconnect()?;
                }
            }
            Event::Incoming(Packet::PubRec(answer))
                if answer.reason != PubRecReason::Success
                    && answer.reason != PubRecReason::NoMatchingSubscribers =>
            {
                return Err(format!("refused: {:?}", answer.reason).into());
            }
            Event::Outgoing(Outgoing::Disconnect) => break,
            _ => {}
        }
    }
    Ok(())
}
