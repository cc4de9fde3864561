// cargo add rumqttc@0.25
use std::{env, thread, time::Duration};

use rumqttc::{Client, Event, MqttOptions, Outgoing, Packet, QoS};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut options = MqttOptions::new("it's \"sensor\" 7", "[::1]", 8883);
    options.set_clean_session(false);
    options.set_credentials("ada\\\nlovelace", env::var("MQTT_PASSWORD")?);
    options.set_transport(rumqttc::Transport::tls_with_default_config());
    let (client, mut connection) = Client::new(options, 10);

    let sensor = client.clone();
    thread::spawn(move || {
        for i in 0..7 {
            let reading = format!("{:.1}", (3.0 - 1.0 * f64::from(i)) / 10.0);
            println!("{reading}");
            let sent = sensor.publish("温度/${x}/{y}/\u{202e}😀", QoS::AtLeastOnce, true, reading);
            if sent.is_err() {
                break;
            }
            thread::sleep(Duration::from_millis(1250));
        }
    });

    let mut finished = 0;
    for event in connection.iter() {
        match event? {
            Event::Incoming(Packet::PubAck(_)) => {
                finished += 1;
                if finished == 7 {
                    client.disconnect()?;
                }
            }
            Event::Outgoing(Outgoing::Disconnect) => break,
            _ => {}
        }
    }
    Ok(())
}
