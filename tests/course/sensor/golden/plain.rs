// cargo add rumqttc@0.25 --features websocket
use std::{thread, time::Duration};

use rumqttc::Outgoing;
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::{Client, Event, MqttOptions};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut options = MqttOptions::new("sensor", "ws://localhost:9001/", 9001);
    options.set_clean_start(true);
    options.set_transport(rumqttc::Transport::ws());
    let (client, mut connection) = Client::new(options, 10);

    let sensor = client.clone();
    thread::spawn(move || {
        for i in 0..10 {
            let reading = format!("{:.1}", 20.0 + 0.5 * f64::from(i));
            println!("{reading}");
            let sent = sensor.publish("sensor/temperature", QoS::AtMostOnce, false, reading);
            if sent.is_err() {
                break;
            }
            thread::sleep(Duration::from_secs(1));
        }
    });

    let mut finished = 0;
    for event in connection.iter() {
        match event? {
            Event::Outgoing(Outgoing::Publish(_)) => {
                finished += 1;
                if finished == 10 {
                    client.disconnect()?;
                }
            }
            Event::Outgoing(Outgoing::Disconnect) => break,
            _ => {}
        }
    }
    Ok(())
}
