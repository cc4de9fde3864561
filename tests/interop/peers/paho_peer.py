"""paho-mqtt behind the flags of mosquitto_pub and mosquitto_sub, as far as the tests use them."""

import argparse
import signal
import sys

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties


def main():
    options = parse()
    is5 = options.version == "mqttv5"
    client = mqtt.Client(
        mqtt.CallbackAPIVersion.VERSION2,
        client_id=options.id,
        clean_session=None if is5 else not options.keep,
        protocol=mqtt.MQTTv5 if is5 else mqtt.MQTTv311,
        transport="websockets" if options.ws else "tcp",
    )
    if options.ws:
        client.ws_set_options(path="/mqtt")
    if options.will_topic:
        client.will_set(
            options.will_topic, options.will_payload, options.will_qos, options.will_retain
        )

    def on_connect(_client, _userdata, _flags, reason, _properties):
        if reason.is_failure:
            sys.exit(f"refused: {reason}")
        if options.action == "pub":
            client.publish(options.topic, options.message, options.qos, options.retain)
        else:
            client.subscribe(options.topic, options.qos)

    def on_message(_client, _userdata, message):
        payload = message.payload.decode()
        say(f">{message.topic} {message.qos} {int(message.retain)} {payload}")

    client.on_connect = on_connect
    client.on_message = on_message
    client.on_subscribe = lambda *_: say("subscribed")
    client.on_publish = lambda *_: client.disconnect()
    signal.signal(signal.SIGTERM, lambda *_: client.disconnect())

    connecting = {}
    if is5:
        connecting["clean_start"] = not options.keep
        if options.expiry:
            connecting["properties"] = Properties(PacketTypes.CONNECT)
            connecting["properties"].SessionExpiryInterval = options.expiry
    client.connect(options.host, options.port, **connecting)
    while client.loop(timeout=0.2) == mqtt.MQTT_ERR_SUCCESS:
        pass


def say(line):
    print(line, flush=True)


def parse():
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("action", choices=["pub", "sub"])
    parser.add_argument("-h", dest="host")
    parser.add_argument("-p", dest="port", type=int)
    parser.add_argument("-V", dest="version")
    parser.add_argument("-i", dest="id", default="")
    parser.add_argument("-t", dest="topic")
    parser.add_argument("-m", dest="message")
    parser.add_argument("-q", dest="qos", type=int, default=0)
    parser.add_argument("-r", dest="retain", action="store_true")
    parser.add_argument("-c", dest="keep", action="store_true")
    parser.add_argument("-x", dest="expiry", type=int)
    parser.add_argument("-F", dest="format")
    parser.add_argument("-d", dest="debug", action="store_true")
    parser.add_argument("--ws", action="store_true")
    parser.add_argument("--will-topic")
    parser.add_argument("--will-payload")
    parser.add_argument("--will-qos", type=int, default=0)
    parser.add_argument("--will-retain", action="store_true")
    return parser.parse_args()


main()
