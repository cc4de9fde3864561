// Another MQTT client, by other people: what the page publishes arrives here, and the reverse.

import { once } from "node:events";
import mqtt from "mqtt";
import { until } from "./net.mjs";

export class Peer {
  #client;

  /// The messages received, in order.
  messages = [];

  /// Whether the broker had a session for this client.
  sessionPresent = false;

  /// Connects to `mqtt://` or `ws://`. `options` are MQTT.js's, such as `protocolVersion` and `clean`.
  static async connect(url, options = {}) {
    const peer = new Peer();
    peer.#client = mqtt.connect(url, { reconnectPeriod: 0, ...options });
    // A broken connection ends in `close`, which is what tests wait for.
    peer.#client.on("error", () => {});
    peer.#client.on("message", (topic, payload, { qos, retain, dup }) => {
      peer.messages.push({ topic, payload: payload.toString(), qos, retain, dup });
    });
    const [{ sessionPresent }] = await once(peer.#client, "connect");
    peer.sessionPresent = sessionPresent;
    return peer;
  }

  /// Subscribes and returns the QoS that was granted.
  async subscribe(filter, qos) {
    const [{ qos: granted }] = await this.#client.subscribeAsync(filter, { qos });
    return granted;
  }

  /// Publishes; resolves when the flow of that QoS has ended.
  async publish(topic, payload, qos, options = {}) {
    await this.#client.publishAsync(topic, payload, { qos, ...options });
  }

  /// Waits until at least `count` messages have been received.
  received(count, timeout) {
    return until(() => this.messages.length >= count, `${count} messages received`, timeout);
  }

  /// Waits until the connection is closed.
  closed() {
    return until(() => !this.#client.connected, "the connection is closed");
  }

  /// Disconnects in order; a connection that is broken already is given up.
  async dispose() {
    await this.#client.endAsync(!this.#client.connected);
  }
}
