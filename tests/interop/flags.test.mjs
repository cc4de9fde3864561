// The flags of examples/broker, each by what a client sees on the wire.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ExampleBroker } from "./broker.mjs";
import { Raw, packet, publishPacket, subscribePacket, text } from "./raw.mjs";

const METHOD = (name) => Buffer.concat([Buffer.from([0x15]), text(name)]).toString("hex");

/// Flags, what the client sends, and what the last answer has to be; the first answer is CONNACK's.
const CASES = [
  { flags: ["--receive-maximum", 7], answer: /210007/, says: "Receive Maximum 7" },
  { flags: ["--topic-alias-maximum", 3], answer: /220003/, says: "Topic Alias Maximum 3" },
  { flags: ["--maximum-packet-size", 500], answer: /27000001f4/, says: "Maximum Packet Size 500" },
  { flags: ["--maximum-qos", 1], answer: /2401/, says: "Maximum QoS 1" },
  { flags: ["--maximum-qos", 1], send: [publishPacket("a", "", { qos: 2 })], answer: /^e0..9b/, says: "QoS not supported" },
  { flags: ["--maximum-qos", 1], send: [subscribePacket("a", 2)], answer: /^9004000100?01$/, says: "Granted QoS 1" },
  { flags: ["--retain-available", false], answer: /2500/, says: "Retain Available 0" },
  { flags: ["--server-keep-alive", 9], answer: /130009/, says: "Server Keep Alive 9 to a client that asks for 0" },
  { flags: ["--server-keep-alive", 9], connect: { keepAlive: 60 }, answer: /130009/, says: "Server Keep Alive 9 to one that asks for 60" },
  { flags: ["--server-keep-alive", 9], connect: { keepAlive: 5 }, answer: /^20..0000(?!.*130009)/, says: "nothing of it to one that asks for 5" },
  { flags: ["--server-keep-alive", 9], connect: { version: 4 }, answer: /^20020000$/, says: "nothing of it in 3.1.1" },
  { flags: ["--client-id-length", 30], connect: { id: "x".repeat(31) }, answer: /^20..0085/, says: "Client Identifier not valid" },
  { flags: ["--client-id-length", 30], connect: { id: "x".repeat(30) }, answer: /^20..0000/, says: "Success" },
  { flags: ["--session-expiry-maximum", 9], connect: { id: "a", properties: "110000000a" }, answer: /1100000009/, says: "Session Expiry Interval 9" },
  { flags: ["--assigned-session-expiry-maximum", 9], connect: { properties: "110000000a" }, answer: /1100000009/, says: "Session Expiry Interval 9 to a client without an identifier" },
  {
    flags: ["--in-flight", 1],
    // The second waits for the first to be acknowledged, which no ping does.
    send: [subscribePacket("a", 1), publishPacket("a", "1", { qos: 1, identifier: 8 }), publishPacket("a", "2", { qos: 1, identifier: 9 }), Buffer.from("c000", "hex")],
    count: 5, answer: /^d000/, says: "one message and no other before PUBACK",
  },
  { flags: ["--allow-anonymous", false], answer: /^20..008[67]/, says: "Bad user name or password, or Not authorized" },
  { flags: ["--allow-anonymous", false], connect: { version: 4 }, answer: /^2002000[45]$/, says: "so in 3.1.1" },
  { flags: ["--user", "ada:secret"], connect: { login: ["ada", "secret"] }, answer: /^20..0000/, says: "Success" },
  { flags: ["--user", "ada:secret"], connect: { login: ["ada", "guess"] }, answer: /^20..0086/, says: "Bad user name or password" },
  { flags: ["--allow-zero-length-client-id", false], answer: /^20..0085/, says: "Client Identifier not valid" },
  { flags: ["--allow-zero-length-client-id", false], connect: { version: 4 }, answer: /^20020002$/, says: "so in 3.1.1" },
  { flags: ["--deny-publish", "no/#"], send: [publishPacket("no/way", "", { qos: 1 })], answer: /^4003000187/, says: "Not authorized" },
  { flags: ["--deny-subscribe", "no/#"], send: [subscribePacket("no/+", 1)], answer: /^900400010087/, says: "Not authorized" },
  { flags: [], connect: { properties: METHOD("echo") }, answer: /^20..008c/, says: "Bad authentication method" },
];

describe("flags of the example broker", { timeout: 120_000 }, () => {
  for (const { flags, connect: options = {}, send = [], count = send.length, answer, says } of CASES) {
    const name = [flags.join(" "), options.version === 4 ? "3.1.1" : "", `says ${says}`].filter(Boolean).join(", ");
    test(name, async (context) => {
      const broker = await ExampleBroker.start(...flags);
      context.after(() => broker.dispose());
      const client = await Raw.connected(broker.tcpPort, options);
      send.forEach((bytes) => client.send(bytes));
      assert.match(await client.packet(count), answer);
      client.destroy();
    });
  }

  test("--auth-method asks for a challenge to be sent back", async (context) => {
    const broker = await ExampleBroker.start("--auth-method", "echo");
    context.after(() => broker.dispose());
    const ask = async () => {
      const client = await Raw.connected(broker.tcpPort, { properties: METHOD("echo") });
      assert.match(await client.packet(0), /^f0..18/, "AUTH says Continue authentication");
      return client;
    };
    const right = await ask();
    // AUTH goes back as it came: the same method, the same data.
    right.send(right.packets()[0]);
    assert.match(await right.packet(1), /^20..0000/);

    const wrong = await ask();
    const answer = Buffer.concat([Buffer.from([0x15]), text("echo"), Buffer.from([0x16]), text("guess")]);
    wrong.send(packet(0xf0, [Buffer.from([0x18, answer.length]), answer]));
    assert.match(await wrong.packet(1), /^20..0087/, "CONNACK says Not authorized");
    await wrong.closed();
    for (const client of [right, wrong]) client.destroy();
  });

  test("a wrong flag is an error that names it", async () => {
    await assert.rejects(ExampleBroker.start("--maximum-qos", 3), /broker: 3 is no QoS/);
  });
});
