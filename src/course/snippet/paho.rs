use std::time::Duration;

use super::address::Address;
use super::expression::{only_if, reading};
use super::literal::{Escape, string};
use crate::course::sensor::Sensor;

use crate::codec::Version;

/// The sensor for paho-mqtt 2, with its second callback API.
pub(super) fn snippet(sensor: &Sensor, address: &Address) -> String {
    let is_v5 = sensor.version == Version::V5;
    let has_expiry = is_v5 && sensor.session_expiry_interval > 0;
    let text = |text: &str| string(text, Escape::Digits);
    let imports = only_if(
        has_expiry,
        "from paho.mqtt.packettypes import PacketTypes\n\
         from paho.mqtt.properties import Properties\n",
    );
    let os = only_if(sensor.user_name.is_some() && sensor.has_password, "import os\n");
    let constructor = constructor(sensor, address);
    let settings = settings(sensor, address);
    let connect = connect(sensor, address, has_expiry);
    let (topic, qos) = (text(&sensor.topic), sensor.qos);
    let retain = only_if(sensor.retain, ", retain=True");
    let (count, decimals, value) = (sensor.count, sensor.decimals(), reading(sensor, "i"));
    let every = seconds(sensor.every);
    format!(
        "\
# pip install \"paho-mqtt>=2\"
{os}import threading
import time

import paho.mqtt.client as mqtt
{imports}
connected = threading.Event()


def on_connect(client, userdata, flags, reason_code, properties):
    print(reason_code)
    if not reason_code.is_failure:
        connected.set()


{constructor}client.on_connect = on_connect
{settings}{connect}client.loop_start()
if not connected.wait(timeout=10):
    raise SystemExit(\"no connection\")

for i in range({count}):
    reading = f\"{{{value}:.{decimals}f}}\"
    message = client.publish({topic}, reading, qos={qos}{retain})
    message.wait_for_publish()
    print(reading)
    time.sleep({every})

client.disconnect()
client.loop_stop()
"
    )
}

/// The client, one argument a line if there are many.
fn constructor(sensor: &Sensor, address: &Address) -> String {
    let mut arguments = vec!["mqtt.CallbackAPIVersion.VERSION2".to_owned()];
    arguments.push(format!("client_id={}", string(&sensor.client_identifier, Escape::Digits)));
    match sensor.version {
        Version::V5 => arguments.push("protocol=mqtt.MQTTv5".to_owned()),
        Version::V311 if !sensor.clean_start => arguments.push("clean_session=False".to_owned()),
        Version::V311 => {}
    }
    if address.websocket {
        arguments.push("transport=\"websockets\"".to_owned());
    }
    let lines: String = arguments.iter().map(|argument| format!("    {argument},\n")).collect();
    format!("client = mqtt.Client(\n{lines})\n")
}

/// What is set before connecting.
fn settings(sensor: &Sensor, address: &Address) -> String {
    let text = |text: &str| string(text, Escape::Digits);
    let mut lines = String::new();
    if let Some(user_name) = &sensor.user_name {
        let password = only_if(sensor.has_password, ", os.environ[\"MQTT_PASSWORD\"]");
        lines += &format!("client.username_pw_set({}{password})\n", text(user_name));
    }
    if address.websocket {
        lines += &format!("client.ws_set_options(path={})\n", text(&address.path));
    }
    lines + &only_if(address.secure, "client.tls_set()\n")
}

fn connect(sensor: &Sensor, address: &Address, has_expiry: bool) -> String {
    let (host, port) = (string(&address.host, Escape::Digits), address.port);
    if sensor.version == Version::V311 {
        return format!("client.connect({host}, {port})\n");
    }
    let clean_start = if sensor.clean_start { "True" } else { "False" };
    let seconds = sensor.session_expiry_interval;
    let properties = only_if(
        has_expiry,
        format!(
            "properties = Properties(PacketTypes.CONNECT)\n\
             properties.SessionExpiryInterval = {seconds}\n"
        ),
    );
    let argument = only_if(has_expiry, ", properties=properties");
    format!("{properties}client.connect({host}, {port}, clean_start={clean_start}{argument})\n")
}

/// A time as Python's `sleep` has it, in seconds.
fn seconds(time: Duration) -> String {
    match (time.as_secs(), time.subsec_millis()) {
        (seconds, 0) => seconds.to_string(),
        (seconds, millis) => {
            let decimals = format!("{millis:03}");
            format!("{seconds}.{}", decimals.trim_end_matches('0'))
        }
    }
}
