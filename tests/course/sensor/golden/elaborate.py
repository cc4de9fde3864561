# pip install "paho-mqtt>=2"
import os
import threading
import time

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

connected = threading.Event()


def on_connect(client, userdata, flags, reason_code, properties):
    print(reason_code)
    if not reason_code.is_failure:
        connected.set()


client = mqtt.Client(
    mqtt.CallbackAPIVersion.VERSION2,
    client_id="it's \"sensor\" 7",
    protocol=mqtt.MQTTv5,
    transport="websockets",
)
client.on_connect = on_connect
client.username_pw_set("ada\\\nlovelace", os.environ["MQTT_PASSWORD"])
client.ws_set_options(path="/mqtt?key=\"a\"")
client.tls_set()
properties = Properties(PacketTypes.CONNECT)
properties.SessionExpiryInterval = 3600
client.connect("broker.example", 443, clean_start=False, properties=properties)
client.loop_start()
if not connected.wait(timeout=10):
    raise SystemExit("no connection")

for i in range(7):
    reading = f"{(3.0 - 1.0 * i) / 10.0:.1f}"
    message = client.publish("温度/${x}/{y}/\u202e😀", reading, qos=2, retain=True)
    message.wait_for_publish()
    print(reading)
    time.sleep(1.25)

client.disconnect()
client.loop_stop()
