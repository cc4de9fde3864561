// A client that says whatever it is told to, byte by byte.

import { once } from "node:events";
import { connect } from "node:net";
import { splitPackets } from "../e2e/harness/websocket.mjs";
import { HOST, until } from "../e2e/harness/net.mjs";

export class Raw {
  #socket;
  #packets = [];
  /// What came after the last whole packet, and how many bytes that packet needs to have.
  #rest = [];
  #held = 0;
  #needed = 2;

  /// How many bytes have been received.
  count = 0;

  /// Whether the other side has closed.
  isClosed = false;

  /// Opens a connection and says nothing.
  static async open(port) {
    const raw = new Raw();
    raw.#socket = connect({ port, host: HOST, allowHalfOpen: true });
    raw.#socket.on("data", (data) => raw.#receive(data));
    for (const end of ["end", "close"]) raw.#socket.on(end, () => (raw.isClosed = true));
    raw.#socket.on("error", (error) => (raw.error = error.code));
    await once(raw.#socket, "connect");
    return raw;
  }

  /// Opens a connection and gets as far as CONNACK.
  static async connected(port, options) {
    const raw = await Raw.open(port);
    raw.send(connectPacket(options));
    await raw.packet(0);
    return raw;
  }

  /// Sends bytes; returns false when the system takes no more for now.
  send(bytes) {
    return this.#socket.write(bytes);
  }

  /// Waits until the system takes more.
  async drained() {
    await once(this.#socket, "drain");
  }

  /// Stops reading, and goes on.
  pause() {
    this.#socket.pause();
  }

  resume() {
    this.#socket.resume();
  }

  /// The whole packets received.
  packets() {
    return this.#packets;
  }

  /// Waits for packet number `index`, in hexadecimal digits.
  async packet(index) {
    await until(() => this.packets().length > index || this.isClosed, `packet ${index}`, PATIENCE);
    return this.packets()[index]?.toString("hex");
  }

  /// Waits until the other side closes.
  async closed() {
    await until(() => this.isClosed, "the broker closes", PATIENCE);
  }

  /// Closes without a word.
  destroy() {
    this.#socket.destroy();
  }

  /// Joins chunks only once they make up a packet: some packets are large.
  #receive(data) {
    this.count += data.length;
    this.#rest.push(data);
    this.#held += data.length;
    while (this.#held >= this.#needed) {
      const bytes = Buffer.concat(this.#rest);
      const packets = splitPackets(bytes);
      const rest = bytes.subarray(packets.reduce((total, packet) => total + packet.length, 0));
      this.#packets.push(...packets);
      this.#rest = [rest];
      this.#held = rest.length;
      this.#needed = Math.max(sizeOf(rest), rest.length + 1);
    }
  }
}

/// The size of the packet that begins here, as far as its header tells.
function sizeOf(bytes) {
  let length = 0;
  for (let index = 1; index < Math.min(bytes.length, 5); index += 1) {
    length += (bytes[index] & 0x7f) * 128 ** (index - 1);
    if (bytes[index] < 0x80) return index + 1 + length;
  }
  return 0;
}

/// CONNECT; properties in hexadecimal digits.
export function connectPacket(options = {}) {
  const { version = 5, id = "", clean = true, keepAlive = 0, properties = "", will, login } = options;
  const flags = (clean ? 0x02 : 0) | (will ? 0x04 : 0) | (login ? 0xc0 : 0);
  const block = (hex) => (version === 5 ? [varint(hex.length / 2), Buffer.from(hex, "hex")] : []);
  return packet(0x10, [
    text("MQTT"),
    Buffer.from([version, flags, keepAlive >> 8, keepAlive & 0xff]),
    ...block(properties),
    text(id),
    ...(will ? [...block(will.properties ?? ""), text(will.topic), text(will.payload)] : []),
    ...(login ?? []).map(text),
  ]);
}

/// SUBSCRIBE to one filter.
export function subscribePacket(filter, qos, { version = 5 } = {}) {
  const properties = version === 5 ? [Buffer.from([0])] : [];
  return packet(0x82, [Buffer.from([0, 1]), ...properties, text(filter), Buffer.from([qos])]);
}

/// PUBLISH.
export function publishPacket(topic, payload, { qos = 0, identifier = 1, version = 5 } = {}) {
  return packet(0x30 | (qos << 1), [
    text(topic),
    ...(qos > 0 ? [Buffer.from([identifier >> 8, identifier & 0xff])] : []),
    ...(version === 5 ? [Buffer.from([0])] : []),
    Buffer.from(payload),
  ]);
}

/// A packet of these parts, its length in front.
export function packet(first, parts) {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([first]), varint(body.length), body]);
}

/// A Variable Byte Integer.
export function varint(value) {
  const bytes = [];
  do {
    bytes.push((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
    value >>= 7;
  } while (value > 0);
  return Buffer.from(bytes);
}

/// A UTF-8 string with its length in front.
export function text(string) {
  const bytes = Buffer.from(string);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
}

/// Milliseconds for what should take none.
const PATIENCE = 30_000;
