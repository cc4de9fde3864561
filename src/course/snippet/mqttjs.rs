use super::address::Address;
use super::expression::{only_if, reading};
use super::literal::{Escape, string};
use crate::course::sensor::Sensor;

use crate::codec::Version;

/// The sensor for MQTT.js 5, as a module for Node.
pub(super) fn snippet(sensor: &Sensor, address: &Address) -> String {
    let text = |text: &str| string(text, Escape::Braces);
    let (url, options) = (text(&address.to_string()), options(sensor));
    let (count, decimals, value) = (sensor.count, sensor.decimals(), reading(sensor, "i"));
    let (topic, qos) = (text(&sensor.topic), sensor.qos);
    let retain = only_if(sensor.retain, ", retain: true");
    let every = sensor.every.as_millis();
    format!(
        "\
// npm install mqtt
import {{ setTimeout as sleep }} from \"node:timers/promises\";
import mqtt from \"mqtt\";

const client = await mqtt.connectAsync({url}, {{
{options}}});

for (let i = 0; i < {count}; i++) {{
  const reading = ({value}).toFixed({decimals});
  await client.publishAsync({topic}, reading, {{ qos: {qos}{retain} }});
  console.log(reading);
  await sleep({every});
}}

await client.endAsync();
"
    )
}

/// One option a line.
fn options(sensor: &Sensor) -> String {
    let text = |text: &str| string(text, Escape::Braces);
    let is_v5 = sensor.version == Version::V5;
    let mut options = vec![
        format!("protocolVersion: {}", sensor.version.level()),
        format!("clientId: {}", text(&sensor.client_identifier)),
        format!("clean: {}", sensor.clean_start),
    ];
    if is_v5 && sensor.session_expiry_interval > 0 {
        let seconds = sensor.session_expiry_interval;
        options.push(format!("properties: {{ sessionExpiryInterval: {seconds} }}"));
    }
    if let Some(user_name) = &sensor.user_name {
        options.push(format!("username: {}", text(user_name)));
        if sensor.has_password {
            options.push("password: process.env.MQTT_PASSWORD".to_owned());
        }
    }
    options.iter().map(|option| format!("  {option},\n")).collect()
}
