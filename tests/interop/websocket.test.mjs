// WebSocket connections of the example broker, frame by frame.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { describe, test } from "node:test";
import { HOST, until } from "../e2e/harness/net.mjs";
import { decodeWebSocket, packetTypes } from "../e2e/harness/websocket.mjs";
import { ExampleBroker } from "./broker.mjs";
import { connectPacket, publishPacket, subscribePacket } from "./raw.mjs";

const [CONTINUATION, TEXT, BINARY, RESERVED, CLOSE, PING, PONG] = [0, 1, 2, 3, 8, 9, 10];
const PINGREQ = Buffer.from("c000", "hex");
const GOING_AWAY = Buffer.from([1001 >> 8, 1001 & 0xff]);

describe("WebSocket connections of the example broker", { timeout: 120_000 }, () => {
  const withBroker = (name, flags, run) =>
    test(name, async (context) => {
      const broker = await ExampleBroker.start(...flags);
      const clients = [];
      context.after(async () => {
        clients.forEach((client) => client.destroy());
        assert.equal(await broker.dispose(), 0, "the broker ends cleanly");
      });
      await run(async (protocol, origin) => {
        const client = await Client.open(broker.webSocketPort, protocol, origin);
        clients.push(client);
        return client;
      });
    });

  withBroker("without the subprotocol mqtt they are refused", [], async (open) => {
    for (const protocol of [null, "chat"]) {
      assert.match((await open(protocol)).head, /^HTTP\/1.1 400 /);
    }
    const { head } = await open("chat, mqtt");
    assert.match(head, /^HTTP\/1.1 101 /);
    assert.match(head, /^sec-websocket-protocol: mqtt$/im);
  });

  const ways = {
    "all in one frame": (bytes) => [frame(BINARY, bytes)],
    "each byte in a frame of its own": (bytes) => [...bytes].map((byte) => frame(BINARY, [byte])),
    "in fragments of one message": (bytes) => [
      frame(BINARY, bytes.subarray(0, 9), { fin: false }),
      frame(CONTINUATION, bytes.subarray(9, 40), { fin: false }),
      frame(CONTINUATION, bytes.subarray(40)),
    ],
    "with empty frames and an unasked pong between": (bytes) => [
      frame(BINARY, []), frame(BINARY, bytes.subarray(0, 20)), frame(PONG, []), frame(BINARY, bytes.subarray(20)),
    ],
  };
  for (const [way, cut] of Object.entries(ways)) {
    withBroker(`packets may come ${way} [MQTT-6.0.0-2]`, [], async (open) => {
      const client = await open("mqtt");
      const packets = [connectPacket({ id: "cut" }), subscribePacket("a", 0), publishPacket("a", "x".repeat(300)), PINGREQ];
      for (const bytes of cut(Buffer.concat(packets))) client.send(bytes);
      const expected = ["CONNACK", "SUBACK", "PUBLISH", "PINGRESP"];
      await until(() => client.packetTypes().length === expected.length, "all answers");
      assert.deepEqual(client.packetTypes(), expected);
    });
  }

  withBroker("a ping is answered, even between fragments", [], async (open) => {
    const client = await open("mqtt");
    client.send(frame(BINARY, connectPacket().subarray(0, 5), { fin: false }), frame(PING, Buffer.from("there?")));
    const pong = await client.frame(PONG);
    assert.equal(pong.payload.toString(), "there?");
    client.send(frame(CONTINUATION, connectPacket().subarray(5)));
    await until(() => client.packetTypes().includes("CONNACK"), "CONNACK");
  });

  withBroker("a close is answered, and the will is published", [], async (open) => {
    const [witness, client] = [await open("mqtt"), await open("mqtt")];
    witness.send(frame(BINARY, Buffer.concat([connectPacket(), subscribePacket("w", 0)])));
    await until(() => witness.packetTypes().includes("SUBACK"), "SUBACK");
    client.send(frame(BINARY, connectPacket({ will: { topic: "w", payload: "gone" } })), frame(CLOSE, GOING_AWAY));
    assert.deepEqual((await client.frame(CLOSE)).payload, GOING_AWAY);
    await client.closed();
    await until(() => witness.packetTypes().includes("PUBLISH"), "the will");
  });

  const endings = {
    "a text message [MQTT-6.0.0-1]": [frame(TEXT, Buffer.from("text")), 1003],
    "a reserved opcode": [frame(RESERVED, []), 1002],
    "a frame without a mask": [Buffer.concat([Buffer.from([0x80 | BINARY, 2]), PINGREQ]), 1002],
    "a continuation of nothing": [frame(CONTINUATION, PINGREQ), 1002],
    "a ping that is too large": [frame(PING, Buffer.alloc(126)), 1002],
    "a reserved bit": [Buffer.concat([Buffer.from([0xc0 | BINARY, 0x80, 0, 0, 0, 0])]), 1002],
  };
  for (const [what, [bytes, code]] of Object.entries(endings)) {
    withBroker(`${what} ends one with ${code}`, [], async (open) => {
      const client = await open("mqtt");
      client.send(frame(BINARY, connectPacket()));
      await until(() => client.packetTypes().includes("CONNACK"), "CONNACK");
      client.send(bytes);
      assert.equal((await client.frame(CLOSE)).payload.readUInt16BE(), code);
      await client.closed();
      assert.deepEqual(client.packetTypes(), ["CONNACK"]);
    });
  }

  withBroker("a packet is answered before the frame that it came in ends", [], async (open) => {
    const client = await open("mqtt");
    // A frame of 16 TiB, of which two packets come.
    client.send(Buffer.from("82ff000010000000000000000000", "hex"), connectPacket());
    await until(() => client.packetTypes().includes("CONNACK"), "CONNACK");
    client.send(PINGREQ);
    await until(() => client.packetTypes().includes("PINGRESP"), "PINGRESP");
  });

  withBroker("the largest packet holds within a frame too [MQTT-3.2.2-15 in 5.0]", ["--maximum-packet-size", 1000], async (open) => {
    const client = await open("mqtt");
    client.send(frame(BINARY, connectPacket()));
    await until(() => client.packetTypes().includes("CONNACK"), "CONNACK");
    client.send(Buffer.from("82ff000010000000000000000000", "hex"), publishPacket("a", "x".repeat(2000)).subarray(0, 9));
    await client.closed();
    assert.deepEqual(client.packetTypes(), ["CONNACK", "DISCONNECT"]);
  });

  for (const [when, packets] of [["before CONNECT", []], ["after it", [connectPacket({ id: "" })]]]) {
    test(`twenty messages of 16 MiB, one byte short, are held within the broker's limits ${when}`, async (context) => {
      const broker = await ExampleBroker.start("--maximum-packet-size", 1 << 20);
      context.after(() => broker.dispose());
      const before = await broker.memory();
      const clients = await Promise.all(Array.from({ length: 20 }, () => Client.open(broker.webSocketPort, "mqtt")));
      context.after(() => clients.forEach((client) => client.destroy()));
      // The head of a packet as large as the message.
      const rest = Buffer.concat([Buffer.from([packets.length ? 0x30 : 0x10, 0xfb, 0xff, 0xff, 0x07]), Buffer.alloc((16 << 20) - 6)]);
      for (const client of clients) {
        client.send(...packets.map((packet) => frame(BINARY, packet)));
        client.send(Buffer.from("82ff000000000100000000000000", "hex"), rest);
      }
      await Promise.all(clients.map((client) => client.closed()));
      const more = (await broker.memory()) - before;
      assert.ok(more < 24 << 20, `${more} bytes more`);
    });
  }

  const pages = [
    [[], "https://evil.example", 101],
    [["--origin", "https://good.example"], "https://evil.example", 403],
    [["--origin", "https://good.example"], "https://good.example", 101],
    [["--origin", "https://good.example"], `http://${HOST}`, 101],
    [["--origin", "https://good.example"], null, 101],
    [["--origin", "https://good.example"], "null", 403],
    [["--origin", "any"], "https://evil.example", 101],
  ];
  for (const [flags, origin, status] of pages) {
    withBroker(`a page of ${origin ?? "no origin"} gets ${status} with ${flags.join(" ") || "a loopback address"}`, flags, async (open) => {
      const { head } = await open("mqtt", origin);
      assert.match(head, new RegExp(`^HTTP/1.1 ${status} `));
    });
  }

  test("on other addresses than loopback only pages of the same host may connect", async (context) => {
    const broker = await ExampleBroker.start("--websocket", "0.0.0.0:0");
    context.after(() => broker.dispose());
    const port = Number(/^listening on websocket 0\.0\.0\.0:(\d+)$/m.exec(broker.log)[1]);
    for (const [origin, status] of [["https://evil.example", 403], [`http://${HOST}`, 101], [null, 101]]) {
      const client = await Client.open(port, "mqtt", origin);
      assert.match(client.head, new RegExp(`^HTTP/1.1 ${status} `));
      client.destroy();
    }
  });
});

/// A WebSocket client that sends whatever frames it is told to.
class Client {
  #socket;
  #received = Buffer.alloc(0);
  #isClosed = false;

  /// Asks for a WebSocket, and waits for the head of the response.
  static async open(port, protocol, origin = null) {
    const client = new Client();
    client.#socket = connect({ port, host: HOST });
    client.#socket.on("error", () => {});
    client.#socket.on("close", () => (client.#isClosed = true));
    client.#socket.on("data", (data) => (client.#received = Buffer.concat([client.#received, data])));
    await once(client.#socket, "connect");
    client.send(
      `GET /mqtt HTTP/1.1\r\nHost: ${HOST}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        (origin === null ? "" : `Origin: ${origin}\r\n`) +
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n" +
        (protocol === null ? "\r\n" : `Sec-WebSocket-Protocol: ${protocol}\r\n\r\n`),
    );
    await until(() => client.head !== null, "the response");
    return client;
  }

  /// The head of the response, once it is there.
  get head() {
    const end = this.#received.indexOf("\r\n\r\n");
    return end < 0 ? null : this.#received.toString("latin1", 0, end);
  }

  send(...pieces) {
    for (const bytes of pieces) this.#socket.write(bytes);
  }

  /// The names of the packets received.
  packetTypes() {
    return packetTypes(decodeWebSocket(this.#received).data);
  }

  /// Waits for a frame of this kind.
  async frame(opcode) {
    const find = () => decodeWebSocket(this.#received).frames.find((frame) => frame.opcode === opcode);
    await until(find, `a frame ${opcode}`);
    return find();
  }

  async closed() {
    await until(() => this.#isClosed, "the broker closes");
  }

  destroy() {
    this.#socket.destroy();
  }
}

/// A frame with a mask of zeros.
function frame(opcode, payload, { fin = true } = {}) {
  const length = payload.length < 126 ? [payload.length] : [126, payload.length >> 8, payload.length & 0xff];
  length[0] |= 0x80;
  return Buffer.concat([Buffer.from([(fin ? 0x80 : 0) | opcode, ...length, 0, 0, 0, 0]), Buffer.from(payload)]);
}
