// A tab that ends in the middle of 1,000 QoS 2 messages and is opened again: each arrives once.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { Broker } from "./harness/broker.mjs";
import { Browser } from "./harness/browser.mjs";
import { until } from "./harness/net.mjs";
import { ClientPage } from "./harness/page.mjs";
import { Peer } from "./harness/peer.mjs";
import { Proxy } from "./harness/proxy.mjs";
import { Site } from "./harness/site.mjs";
import { packetTypes, splitPackets } from "./harness/websocket.mjs";

const COUNT = 1000;
const ALL = Array.from({ length: COUNT }, (_, index) => `${index + 1}`);
const TOPIC = "resume/messages";
const PUBLISH = 3;
const PUBREL = 6;

describe("1,000 messages at QoS 2 and a tab that ends in between", { timeout: 240_000 }, () => {
  let site, browser, broker, proxy;

  before(async () => {
    site = await Site.start();
    browser = await Browser.start();
  });

  after(async () => {
    await browser?.dispose();
    await site?.dispose();
  });

  beforeEach(async () => {
    // Without a limit of the broker's, all of them are in flight at once.
    broker = await Broker.start({ config: ["max_inflight_messages 0"] });
    proxy = await Proxy.start(broker.webSocketPort);
  });

  afterEach(async () => {
    await proxy?.dispose();
    await broker?.dispose();
  });

  const cases = [
    { version: 4, name: "3.1.1, a closed tab", end: (page) => page.tab.close() },
    { version: 5, name: "5.0, a crashed tab", end: (page) => browser.crash(page.tab) },
  ];
  for (const { version, name, end } of cases) {
    const session = () => ({
      url: proxy.webSocketUrl,
      version,
      clientIdentifier: `resumes-${version}`,
      clean: version === 5,
      // 5.0 brokers announce it; this one announces no limit.
      ...(version === 4 && { sendQuota: COUNT }),
    });

    test(`from the page, ${name}`, async () => {
      const subscriber = await Peer.connect(broker.tcpUrl, { protocolVersion: version });
      await subscriber.subscribe(TOPIC, 2);

      // Ends between PUBLISH and PUBREC: every PUBLISH is out, no PUBREC has come.
      const first = await ClientPage.open(browser, site);
      await first.connected(session());
      const [connection] = proxy.connections;
      connection.hold("toClient");
      await first.publishBurst({ topic: TOPIC, payload: "{n}", qos: 2, count: COUNT });
      await until(() => count(connection, "toBroker", "PUBLISH") === COUNT, "every PUBLISH has left", 60_000);
      await first.inFlightCounts(`${COUNT} out, 0 in`);
      await end(first);
      assert.deepEqual(subscriber.messages, []);

      // Ends between PUBREL and PUBCOMP: some PUBRECs have come, and nothing behind them.
      proxy.onConnection = (again) => {
        again.onChunk = (direction) => {
          if (direction === "toClient" && count(again, "toClient", "PUBREC") > 0) again.hold("toClient");
          return true;
        };
      };
      const second = await ClientPage.open(browser, site);
      await second.resume();
      await until(async () => {
        const awaited = (await second.inFlight()).map(({ awaits }) => awaits);
        return awaited.includes("PUBCOMP");
      }, "some messages await PUBCOMP", 60_000);
      await end(second);

      proxy.onConnection = () => {};
      const third = await ClientPage.open(browser, site);
      await third.resume();
      await third.inFlightCounts("0 out, 0 in");
      await subscriber.received(COUNT, 60_000);
      await subscriber.publish(TOPIC, "the end", 2);
      await subscriber.received(COUNT + 1);

      assert.deepEqual(subscriber.messages.map(({ payload }) => payload), [...ALL, "the end"]);
      assertNoPublishAfterPubrel(proxy.connections);
      await third.tab.close();
      await subscriber.dispose();
    });

    test(`to the page, ${name}`, async () => {
      const publisher = await Peer.connect(broker.tcpUrl, { protocolVersion: version });
      const send = (payloads) => Promise.all(payloads.map((payload) => publisher.publish(TOPIC, payload, 2)));
      const [complete, delivered, missed] = [ALL.slice(0, 300), ALL.slice(300, 600), ALL.slice(600)];

      const first = await ClientPage.open(browser, site);
      await first.connected(session());
      await first.subscribe(TOPIC, 2);
      const [connection] = proxy.connections;
      // The first messages come to their end.
      await send(complete);
      await until(() => count(connection, "toBroker", "PUBCOMP") === complete.length, "300 flows have ended", 60_000);
      // Of these the page has delivered, but the broker never learns that it received them.
      connection.hold("toBroker");
      await send(delivered);
      await first.receives(600);
      await first.inFlightCounts("0 out, 300 in");
      await first.packetsWhen((all) => all.filter((p) => p.startsWith("> PUBREC")).length === 600, "600 PUBRECs");
      // And these are under way when the tab ends.
      connection.hold("toClient");
      await send(missed);
      const before = (await first.inbox()).map(({ payload }) => payload);
      await end(first);

      const second = await ClientPage.open(browser, site);
      await second.resume();
      await second.receives(COUNT);
      await until(() => count(proxy.connections.at(-1), "toBroker", "PUBCOMP") === 700, "all flows have ended", 60_000);
      await second.inFlightCounts("0 out, 0 in");
      const after = (await second.inbox()).map(({ payload }) => payload);

      const quoted = (payloads) => payloads.map((payload) => `"${payload}"`);
      assert.deepEqual(before, quoted([...complete, ...delivered]));
      // What the broker will never send again is still there, and nothing is there twice.
      assert.deepEqual(after, quoted(ALL));
      // The broker did send again what it thought was lost: the page knew better.
      assert.ok(repeated(proxy.connections.at(-1)) >= delivered.length);
      await second.tab.close();
      await publisher.dispose();
    });
  }
});

function count(connection, direction, type) {
  return packetTypes(connection.mqtt(direction)).filter((name) => name === type).length;
}

/// How many PUBLISH packets with DUP the broker sent.
function repeated(connection) {
  return splitPackets(connection.mqtt("toClient")).filter(([first]) => first >> 4 === PUBLISH && first & 8).length;
}

/// [MQTT-4.3.3-1]: once PUBREL is sent, the PUBLISH is not, on whatever connection.
function assertNoPublishAfterPubrel(connections) {
  const released = new Set();
  for (const connection of connections) {
    for (const packet of splitPackets(connection.mqtt("toBroker"))) {
      if (packet[0] >> 4 === PUBREL) released.add(packet.readUInt16BE(2));
      if (packet[0] >> 4 === PUBLISH) {
        // Remaining length is one byte here, and the topic comes before the identifier.
        const identifier = packet.readUInt16BE(4 + packet.readUInt16BE(2));
        assert.ok(!released.has(identifier), `PUBLISH ${identifier} after its PUBREL`);
      }
    }
  }
}
