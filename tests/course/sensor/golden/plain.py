# pip install "paho-mqtt>=2"
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
    client_id="sensor",
    protocol=mqtt.MQTTv5,
    transport="websockets",
)
client.on_connect = on_connect
client.ws_set_options(path="/")
client.connect("localhost", 9001, clean_start=True)
client.loop_start()
if not connected.wait(timeout=10):
    raise SystemExit("no connection")

for i in range(10):
    reading = f"{20.0 + 0.5 * i:.1f}"
    message = client.publish("sensor/temperature", reading, qos=0)
    message.wait_for_publish()
    print(reading)
    time.sleep(1)

client.disconnect()
client.loop_stop()
