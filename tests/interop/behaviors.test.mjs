// What a broker owes its clients, each byte by byte on real sockets and in real time.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, test } from "node:test";
import { ExampleBroker } from "./broker.mjs";
import { Raw, packet, publishPacket, subscribePacket, text, varint } from "./raw.mjs";

/// Properties, as CONNECT and its will take them.
const SESSION_EXPIRY = (seconds) => `11${hex(seconds, 4)}`;
const ALIAS_MAXIMUM = (maximum) => `22${hex(maximum, 2)}`;
const WILL_DELAY = (seconds) => `18${hex(seconds, 4)}`;

describe("what the example broker does", { timeout: 120_000 }, () => {
  let at;
  const withBroker = (name, flags, run) =>
    test(name, async (context) => {
      at = await ExampleBroker.start(...flags);
      const clients = [];
      context.after(async () => {
        clients.forEach((client) => client.destroy());
        assert.equal(await at.dispose(), 0, "the broker ends cleanly");
      });
      await run(async (options) => {
        const client = await Raw.connected(at.tcpPort, options);
        clients.push(client);
        return client;
      });
    });

  const endings = [
    { what: "RETAIN where none is kept", flags: ["--retain-available", false], bytes: retainedPacket("a", "x"), code: "9a" },
    { what: "a topic alias above the maximum", flags: ["--topic-alias-maximum", 2], bytes: aliased("a", 3, "x"), code: "94" },
    { what: "the topic alias 0", flags: [], bytes: aliased("a", 0, "x"), code: "94" },
    { what: "a topic alias that stands for nothing", flags: [], bytes: aliased("", 1, "x"), code: "82" },
    { what: "QoS 3", flags: [], bytes: Buffer.from("360500016100", "hex"), code: "81" },
    { what: "SUBSCRIBE without a filter", flags: [], bytes: packet(0x82, [Buffer.from("000100", "hex")]), code: "82" },
  ];
  for (const { what, flags, bytes, code } of endings) {
    withBroker(`ends a connection for ${what} with 0x${code.toUpperCase()}`, flags, async (connect) => {
      const [five, three] = [await connect(), await connect({ version: 4 })];
      five.send(bytes);
      assert.match(await five.packet(1), new RegExp(`^e0..${code}`));
      await five.closed();
      assert.equal(three.isClosed, false, "others are left alone");
    });
  }

  withBroker("one copy for overlapping subscriptions, with every identifier and the highest QoS", [], async (connect) => {
    const client = await connect();
    for (const [index, [filter, identifier, qos]] of [["a/#", 1, 0], ["a/+", 200, 2], ["+/b", 3, 1]].entries()) {
      client.send(subscribeWithIdentifier(filter, identifier, qos));
      assert.match(await client.packet(1 + index), new RegExp(`^900400010?00${hex(qos, 1)}$`));
    }
    client.send(publishPacket("a/b", "once", { qos: 2 }));
    // PUBREC to its own PUBLISH, then the one copy.
    const received = [await client.packet(4), await client.packet(5)].sort();
    const publish = Buffer.from(received[0], "hex");
    assert.equal(publish[0], 0x34, "QoS 2");
    const properties = publish.subarray(9, 10 + publish[9]).toString("hex");
    assert.deepEqual([...properties.slice(2).matchAll(/0b(c801|..)/g)].map(([, id]) => id).sort(), ["01", "03", "c801"]);
    client.send(Buffer.from("c000", "hex"));
    assert.equal(await client.packet(6), "d000", "and no other copy");
  });

  withBroker("uses topic aliases towards a client that allows them, and no more of them", [], async (connect) => {
    const [allows, forbids, publisher] = [await connect({ properties: ALIAS_MAXIMUM(1) }), await connect(), await connect()];
    for (const client of [allows, forbids]) {
      client.send(subscribePacket("#", 0));
      await client.packet(1);
    }
    for (const topic of ["long/one", "long/one", "long/two"]) publisher.send(publishPacket(topic, "x"));
    const plain = (topic) => publishPacket(topic, "x").toString("hex");
    const got = async (client) => [await client.packet(2), await client.packet(3), await client.packet(4)];
    assert.deepEqual(await got(allows), [
      aliased("long/one", 1, "x").toString("hex"), aliased("", 1, "x").toString("hex"), plain("long/two"),
    ]);
    assert.deepEqual(await got(forbids), [plain("long/one"), plain("long/one"), plain("long/two")]);
  });

  withBroker("cancels a delayed will when the client is back, and publishes it when it is not", [], async (connect) => {
    const witness = await connect();
    witness.send(subscribePacket("will/#", 0));
    await witness.packet(1);
    const mortal = (id) => connect({
      id, properties: SESSION_EXPIRY(60), will: { topic: `will/${id}`, payload: "gone", properties: WILL_DELAY(3) },
    });
    (await mortal("stays-away")).destroy();
    (await mortal("returns")).destroy();
    await sleep(100);
    await connect({ id: "returns", properties: SESSION_EXPIRY(60), clean: false });
    assert.equal(await witness.packet(2), publishPacket("will/stays-away", "gone").toString("hex"));
    // Both delays are over soon: they began at almost the same moment.
    await sleep(1_000);
    assert.equal(witness.packets().length, 3, "no will of who has returned");
  });

  withBroker("ends a session when its interval is over, and a message with its own", [], async (connect) => {
    const asleep = async (id, seconds) => {
      const client = await connect({ id, properties: SESSION_EXPIRY(seconds) });
      client.send(subscribePacket("t", 1));
      await client.packet(1);
      client.send(Buffer.from("e000", "hex"));
      await client.closed();
    };
    await asleep("short", 1);
    await asleep("long", 60);
    const publisher = await connect();
    publisher.send(expiring("t", 1, "stale"));
    publisher.send(publishPacket("t", "fresh", { qos: 1, identifier: 2 }));
    await publisher.packet(2);
    await sleep(2_100);
    const back = (id) => connect({ id, properties: SESSION_EXPIRY(60), clean: false });
    const [short, long] = [await back("short"), await back("long")];
    assert.match(await short.packet(0), /^20..0000/, "no session present");
    assert.match(await long.packet(0), /^20..0100/, "session present");
    assert.match(await long.packet(1), new RegExp(`${Buffer.from("fresh").toString("hex")}$`));
    long.send(Buffer.from("c000", "hex"));
    assert.equal(await long.packet(2), "d000", "the stale message is gone");
  });
});

function hex(number, bytes) {
  return number.toString(16).padStart(2 * bytes, "0");
}

/// PUBLISH at QoS 0 with RETAIN.
function retainedPacket(topic, payload) {
  const bytes = publishPacket(topic, payload);
  bytes[0] |= 1;
  return bytes;
}

/// PUBLISH at QoS 0 with a topic alias.
function aliased(topic, alias, payload) {
  return packet(0x30, [text(topic), Buffer.from(`0323${hex(alias, 2)}`, "hex"), Buffer.from(payload)]);
}

/// PUBLISH at QoS 1 with a Message Expiry Interval, in seconds.
function expiring(topic, seconds, payload) {
  return packet(0x32, [text(topic), Buffer.from(`00010502${hex(seconds, 4)}`, "hex"), Buffer.from(payload)]);
}

/// SUBSCRIBE with a Subscription Identifier.
function subscribeWithIdentifier(filter, identifier, qos) {
  const number = varint(identifier);
  return packet(0x82, [
    Buffer.from([0, 1, 1 + number.length, 0x0b]), number, text(filter), Buffer.from([qos]),
  ]);
}
