// examples/broker among clients that mean no good, or are simply many.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { until } from "../e2e/harness/net.mjs";
import { ExampleBroker } from "./broker.mjs";
import { Raw, connectPacket, packet, publishPacket, subscribePacket, text, varint } from "./raw.mjs";

const MEBI = 1 << 20;

/// A broker for one test. However the test treats it, it still serves at the end.
async function broker(context, ...flags) {
  const broker = await ExampleBroker.start(...flags);
  context.after(async () => {
    const client = await Raw.connected(broker.tcpPort, { id: "after-all" });
    assert.match(await client.packet(0), /^20..0000/, "the broker still serves");
    client.destroy();
    assert.equal(await broker.dispose(), 0, "the broker ends cleanly");
  });
  return broker;
}

describe("what is no MQTT is closed", { timeout: 120_000 }, () => {
  const cases = {
    "an HTTP request": "GET / HTTP/1.1\r\nHost: broker\r\n\r\n",
    "a TLS handshake": Buffer.from("1603010200010001fc0303", "hex"),
    "zeros": Buffer.alloc(4096),
    "random bytes": Buffer.concat([Buffer.from([0xf0]), randomBytes(65536)]),
    "a length that does not end": Buffer.from("10ffffffff7f", "hex"),
    "PUBLISH before CONNECT": publishPacket("topic", "early"),
    "CONNECT with another protocol's name": packet(0x10, [text("HTTP"), Buffer.from([5, 2, 0, 0, 0]), text("")]),
    "a CONNECT of 200 MiB": Buffer.concat([Buffer.from([0x10]), varint(200 * MEBI)]),
  };
  for (const [name, bytes] of Object.entries(cases)) {
    test(name, async (context) => {
      const { tcpPort } = await broker(context);
      const client = await Raw.open(tcpPort);
      client.send(bytes);
      await client.closed();
      client.destroy();
    });
  }

  test("a second CONNECT", async (context) => {
    const { tcpPort } = await broker(context);
    const client = await Raw.connected(tcpPort);
    client.send(connectPacket());
    assert.match(await client.packet(1), /^e0..82/, "DISCONNECT says Protocol Error");
    await client.closed();
    client.destroy();
  });
});

describe("a client that is too fast", { timeout: 120_000 }, () => {
  test("learns why its packet is too large, though it is still sending", async (context) => {
    const { tcpPort } = await broker(context, "--maximum-packet-size", 1000);
    const client = await Raw.connected(tcpPort);
    client.send(publishPacket("topic", Buffer.alloc(4 * MEBI)));
    assert.match(await client.packet(1), /^e0..95/, "DISCONNECT says Packet too large");
    await client.closed();
    assert.equal(client.error, undefined, "the connection is not reset");
    client.destroy();
  });

  test("is cut off if it goes on sending after that", async (context) => {
    const { tcpPort } = await broker(context);
    const client = await Raw.connected(tcpPort);
    client.send(connectPacket());
    await client.closed();
    // What it sends is taken for two seconds, and then no more.
    await until(() => {
      client.send(Buffer.alloc(1));
      return client.error !== undefined;
    }, "the connection is reset", 30_000);
    client.destroy();
  });

  test("learns that it exceeds the Receive Maximum", async (context) => {
    const { tcpPort } = await broker(context, "--receive-maximum", 2);
    const client = await Raw.connected(tcpPort);
    for (const identifier of [1, 2, 3]) {
      client.send(publishPacket("topic", "", { qos: 2, identifier }));
    }
    await client.closed();
    assert.match(client.packets().at(-1).toString("hex"), /^e0..93/, "DISCONNECT says Receive Maximum exceeded");
    client.destroy();
  });

  test("floods CONNECT with one identifier, and each takes over from the one before", async (context) => {
    const { tcpPort } = await broker(context);
    const clients = await Promise.all(
      Array.from({ length: 500 }, () => Raw.connected(tcpPort, { id: "same" })),
    );
    const disconnected = () => clients.filter((client) => client.packets().length > 1);
    await until(() => disconnected().length === clients.length - 1, "all but one are told");
    for (const client of disconnected()) {
      assert.match(await client.packet(1), /^e0..8e/, "DISCONNECT says Session taken over");
    }
    clients.forEach((client) => client.destroy());
  });

  test("floods connections that end at once, and memory stays", async (context) => {
    const at = await broker(context);
    const wave = async () => {
      for (let round = 0; round < 40; round += 1) {
        const clients = await Promise.all(Array.from({ length: 50 }, () => Raw.open(at.tcpPort)));
        clients.forEach((client) => client.send(connectPacket({ id: randomBytes(8).toString("hex") })));
        clients.forEach((client) => client.destroy());
      }
    };
    await wave();
    const before = await at.memory();
    await wave();
    await wave();
    const grown = (await at.memory()) - before;
    context.diagnostic(`4,000 more connections, memory grew by ${(grown / MEBI).toFixed(1)} MiB`);
    assert.ok(grown < 8 * MEBI, `memory grew by ${grown} bytes`);
  });

  test("is told at the limit of connections", async (context) => {
    const { tcpPort } = await broker(context, "--max-connections", 3);
    const clients = [];
    for (let number = 0; number < 4; number += 1) clients.push(await Raw.connected(tcpPort));
    const reasons = await Promise.all(clients.map(async (client) => (await client.packet(0)).slice(6, 8)));
    assert.deepEqual(reasons, ["00", "00", "00", "89"], "the fourth hears Server busy");
    clients.forEach((client) => client.destroy());
  });
});

describe("a client that is too slow", { timeout: 300_000 }, () => {
  // Far more than the buffers of the system take in between: the rest would have to be the broker's.
  const MESSAGE = Buffer.alloc(MEBI);
  const MESSAGES = 256;

  for (const { qos, bound, what } of [
    { qos: 0, bound: 32 * MEBI, what: "loses messages" },
    { qos: 1, bound: 128 * MEBI, what: "has its queue" },
  ]) {
    test(`${what} at QoS ${qos}, and the broker's memory stays`, async (context) => {
      const at = await broker(context);
      const slow = await Raw.connected(at.tcpPort);
      slow.send(subscribePacket("flood", qos));
      await slow.packet(1);
      slow.pause();
      const publisher = await Raw.connected(at.tcpPort);
      const before = await at.memory();
      for (let number = 1; number <= MESSAGES; number += 1) {
        // Each is answered before the next: the broker has read it.
        publisher.send(publishPacket("flood", MESSAGE, { qos: 1, identifier: number }));
        await publisher.packet(number);
      }
      const grown = (await at.memory()) - before;
      context.diagnostic(`${MESSAGES} MiB published, memory grew by ${(grown / MEBI).toFixed(1)} MiB`);
      assert.ok(grown < bound, `memory grew by ${grown} bytes`);

      // It is still connected, and gets on when it reads again.
      slow.resume();
      slow.send(Buffer.from("c000", "hex"));
      const isAnswered = () => slow.packets().some((it) => it.toString("hex") === "d000");
      await until(isAnswered, "the ping is answered", 60_000);
      assert.ok(slow.count < MESSAGES * MEBI, "some were not kept");
      for (const client of [slow, publisher]) client.destroy();
    });
  }

  test("and pings in time, or only reads, gets a message that takes longer than its keep-alive", async (context) => {
    const { tcpPort } = await broker(context);
    const MESSAGE = 24 * MEBI;
    const clients = await Promise.all([true, false].map(() => Raw.connected(tcpPort, { keepAlive: 1 })));
    for (const client of clients) {
      client.send(subscribePacket("large", 1));
      await client.packet(1);
      client.pause();
    }
    const pings = setInterval(() => clients[0].send(Buffer.from("c000", "hex")), 500);
    context.after(() => clearInterval(pings));
    const publisher = await Raw.connected(tcpPort);
    publisher.send(publishPacket("large", Buffer.alloc(MESSAGE), { qos: 1 }));
    await publisher.packet(1);
    // A little at a time, for longer than its keep-alive allows it to be silent.
    for (const client of clients) {
      void (async () => {
        while (client.count < MESSAGE && !client.isClosed) {
          client.resume();
          await sleep(1);
          client.pause();
          await sleep(250);
        }
        client.resume();
      })();
    }
    await until(
      () => clients.every((client) => client.isClosed || client.packets().some((it) => it.length > MESSAGE)),
      "both have the message",
      120_000,
    );
    assert.deepEqual(clients.map((client) => client.isClosed), [false, false]);
    for (const client of [...clients, publisher]) client.destroy();
  });

  test("does not hold up others", async (context) => {
    const { tcpPort } = await broker(context);
    const [slow, fast, publisher] = await Promise.all([1, 2, 3].map(() => Raw.connected(tcpPort)));
    for (const client of [slow, fast]) {
      client.send(subscribePacket("flood", 1));
      await client.packet(1);
    }
    slow.pause();
    for (let number = 1; number <= 64; number += 1) {
      publisher.send(publishPacket("flood", MESSAGE, { qos: 1, identifier: number }));
      await fast.packet(1 + number);
      // PUBACK, for the identifier that the broker chose.
      fast.send(Buffer.concat([Buffer.from([0x40, 2]), identifierOf(fast.packets()[1 + number])]));
    }
    for (const client of [slow, fast, publisher]) client.destroy();
  });

  test("that asks and does not read the answers is not read from", async (context) => {
    const at = await broker(context);
    const client = await Raw.connected(at.tcpPort);
    client.pause();
    const before = await at.memory();
    const questions = Buffer.alloc(MEBI, Buffer.from("c000", "hex"));
    let sent = 0;
    while (client.send(questions) || (await hasDrained(client))) sent += questions.length;
    const grown = (await at.memory()) - before;
    context.diagnostic(`it could send ${sent / MEBI} MiB, memory grew by ${(grown / MEBI).toFixed(1)} MiB`);
    assert.ok(grown < 16 * MEBI, `memory grew by ${grown} bytes`);
    client.destroy();
  });
});

describe("a client that is not there anymore", { timeout: 120_000 }, () => {
  test("is found out by its keep-alive, and its will is published", async (context) => {
    const { tcpPort } = await broker(context);
    const witness = await Raw.connected(tcpPort);
    witness.send(subscribePacket("will", 0));
    await witness.packet(1);
    const silent = await Raw.connected(tcpPort, { keepAlive: 1, will: { topic: "will", payload: "gone" } });
    assert.equal(await witness.packet(2), publishPacket("will", "gone").toString("hex"));
    assert.match(await silent.packet(1), /^e0..8d/, "DISCONNECT says Keep Alive timeout");
    for (const client of [witness, silent]) client.destroy();
  });

  test("never says CONNECT, and is closed", async (context) => {
    const { tcpPort, webSocketPort } = await broker(context);
    const silent = await Promise.all([tcpPort, webSocketPort].map((port) => Raw.open(port)));
    await Promise.all(silent.map((client) => client.closed()));
    silent.forEach((client) => client.destroy());
  });
});

test("10,000 idle connections take less than 12 kB each", { timeout: 300_000 }, async (context) => {
  const at = await broker(context);
  const before = await at.memory();
  const measure = async () => {
    const clients = [];
    while (clients.length < 10_000) {
      const some = Array.from({ length: 100 }, (_, number) =>
        Raw.connected(at.tcpPort, { id: `idle-${clients.length + number}`, version: number % 2 ? 4 : 5 }),
      );
      clients.push(...(await Promise.all(some)));
    }
    assert.ok(clients.every((client) => !client.isClosed), "all are connected");
    const each = ((await at.memory()) - before) / clients.length;
    clients.forEach((client) => client.destroy());
    return each;
  };
  // The second time shows that nothing of the first is left.
  const each = [await measure(), await measure()];
  context.diagnostic(`resident memory of each connection, twice: ${each.map(Math.round).join(", ")} bytes`);
  assert.ok(Math.max(...each) < 12_000);
});

test("told to end, the broker says so to everybody", { timeout: 60_000 }, async () => {
  const at = await ExampleBroker.start();
  const five = await Raw.connected(at.tcpPort, { version: 5 });
  const three = await Raw.connected(at.tcpPort, { version: 4 });
  const before = three.packets().length;
  const ended = at.dispose();
  assert.match(await five.packet(1), /^e0..8b/, "DISCONNECT says Server shutting down");
  await Promise.all([five.closed(), three.closed()]);
  assert.equal(three.packets().length, before, "3.1.1 has no word for it");
  for (const client of [five, three]) client.destroy();
  assert.equal(await ended, 0);
});

/// The packet identifier of a PUBLISH, behind its topic.
function identifierOf(publish) {
  const header = publish.findIndex((byte, index) => index > 0 && byte < 0x80) + 1;
  const topic = publish.readUInt16BE(header);
  return publish.subarray(header + 2 + topic, header + 4 + topic);
}

/// Whether the system takes more within a second: if not, nobody reads.
function hasDrained(client) {
  return Promise.race([
    client.drained().then(() => true),
    new Promise((resolve) => setTimeout(resolve, 1000, false)),
  ]);
}
