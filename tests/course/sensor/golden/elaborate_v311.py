# pip install "paho-mqtt>=2"
import os
import threading
import time

import paho.mqtt.client as mqtt

connected = threading.Event()


def on_connect(client, userdata, flags, reason_code, properties):
    print(reason_code)
    if not reason_code.is_failure:
        connected.set()


client = mqtt.Client(
    mqtt.CallbackAPIVersion.VERSION2,
    client_id="it's \"sensor\" 7",
    clean_session=False,
)
client.on_connect = on_connect
client.username_pw_set("ada\\\nlovelace", os.environ["MQTT_PASSWORD"])
client.tls_set()
client.connect("::1", 8883)
client.loop_start()
if not connected.wait(timeout=10):
    raise SystemExit("no connection")

for i in range(7):
    reading = f"{(3.0 - 1.0 * i) / 10.0:.1f}"
    message = client.publish("温度/${x}/{y}/\u202e😀", reading, qos=1, retain=True)
    message.wait_for_publish()
    print(reading)
    time.sleep(1.25)

client.disconnect()
client.loop_stop()
