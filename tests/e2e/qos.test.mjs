// The main job: publish and subscribe at each QoS, in both versions, and see every packet.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { Broker } from "./harness/broker.mjs";
import { Browser } from "./harness/browser.mjs";
import { ClientPage } from "./harness/page.mjs";
import { Peer } from "./harness/peer.mjs";
import { Site } from "./harness/site.mjs";

const VERSIONS = { 4: "3.1.1", 5: "5.0" };

// What follows PUBLISH in a flow of this QoS; `>` is the way of the PUBLISH, `<` the way back.
const ANSWERS = [[], ["< PUBACK"], ["< PUBREC", "> PUBREL", "< PUBCOMP"]];
const OUTCOMES = [/QoS 0: sent/, /QoS 1: PUBACK came/, /QoS 2: PUBCOMP came/];

describe("the page and a real broker", { timeout: 120_000 }, () => {
  let site, browser, broker, page, peer;

  before(async () => {
    site = await Site.start();
    browser = await Browser.start({ viewport: { width: 1280, height: 1600 } });
    broker = await Broker.start();
  });

  beforeEach(async () => {
    page = await ClientPage.open(browser, site);
    peer = await Peer.connect(broker.tcpUrl, { protocolVersion: 5 });
  });

  afterEach(async () => {
    await peer?.dispose();
    await page?.tab.close();
  });

  after(async () => {
    await broker?.dispose();
    await browser?.dispose();
    await site?.dispose();
  });

  for (const [version, name] of Object.entries(VERSIONS)) {
    const connect = (identifier) =>
      page.connected({ url: broker.webSocketUrl, version, clientIdentifier: identifier, clean: true });

    for (const qos of [0, 1, 2]) {
      test(`publishes at QoS ${qos} in ${name}, and shows each step`, async () => {
        const [identifier, topic] = [`out-${version}-${qos}`, `out/${version}/${qos}`];
        await peer.subscribe(topic, 2);
        await connect(identifier);
        await page.publish({ topic, payload: "20.5", qos });
        await page.finishes(OUTCOMES[qos]);
        await peer.received(1);

        assert.deepEqual(peer.messages, [{ topic, payload: "20.5", qos, retain: false, dup: false }]);
        assert.deepEqual(await page.packets(), ["> CONNECT", "< CONNACK", ...flow(">", qos)]);
        assert.deepEqual(await drawn(page), flow(">", qos));
        assert.deepEqual(await page.inFlight(), []);
        assert.deepEqual(page.problems, []);
      });

      test(`receives at QoS ${qos} in ${name}, and shows each step`, async () => {
        const [identifier, topic] = [`in-${version}-${qos}`, `in/${version}/${qos}`];
        await connect(identifier);
        await page.subscribe(topic, 2);
        await peer.publish(topic, "20.5", qos);
        await page.receives(1);
        const packets = await page.packetsWhen(
          (packets) => packets.length >= 4 + flow("<", qos).length,
          "the flow has ended",
        );

        assert.deepEqual(await page.inbox(), [{ qos: `QoS ${qos}`, payload: '"20.5"' }]);
        assert.deepEqual(packets.slice(4), flow("<", qos));
        assert.deepEqual(await drawn(page), flow("<", qos));
        assert.deepEqual(await page.subscription(topic), {
          requested: "QoS 2",
          granted: "QoS 2",
          delivered: `1 × QoS ${qos}`,
          remark: "",
        });
        assert.deepEqual(page.problems, []);
      });
    }

    test(`delivers at the lower of published and granted QoS in ${name}`, async () => {
      await connect(`lower-${version}`);
      for (const granted of [0, 1, 2]) await page.subscribe(`lower/${version}/${granted}`, granted);
      for (const granted of [0, 1, 2]) {
        for (const published of [0, 1, 2]) {
          await peer.publish(`lower/${version}/${granted}`, `${published}`, published);
        }
      }
      await page.receives(9);
      const expect = ["3 × QoS 0", "1 × QoS 0, 2 × QoS 1", "1 × QoS 0, 1 × QoS 1, 1 × QoS 2"];
      for (const granted of [0, 1, 2]) {
        const row = await page.subscription(`lower/${version}/${granted}`);
        assert.deepEqual(row, {
          requested: `QoS ${granted}`,
          granted: `QoS ${granted}`,
          delivered: expect[granted],
          remark: "",
        });
      }
    });

    test(`ends a subscription in ${name}`, async () => {
      await connect(`unsubscribe-${version}`);
      await page.subscribe(`ended/${version}`, 1);
      await page.subscribe(`kept/${version}`, 1);
      await page.subscriptionItem(`ended/${version}`).getByRole("button", { name: /^Unsubscribe/ }).click();
      await page.subscriptionItem(`ended/${version}`).waitFor({ state: "detached" });
      await peer.publish(`ended/${version}`, "unwanted", 1);
      await peer.publish(`kept/${version}`, "wanted", 1);
      await page.receives(1);
      assert.deepEqual(await page.inbox(), [{ qos: "QoS 1", payload: '"wanted"' }]);
    });
  }

  test("sends a burst that is larger than what a 3.1.1 broker takes at once", async () => {
    await peer.subscribe("burst", 2);
    await page.connected({ url: broker.webSocketUrl, version: 4, clientIdentifier: "burst", clean: true });
    await page.publishBurst({ topic: "burst", payload: "{n}", qos: 2, count: 200 });
    await peer.received(200, 30_000);
    await page.inFlightCounts("0 out, 0 in");
    const expect = Array.from({ length: 200 }, (_, index) => `${index + 1}`);
    assert.deepEqual(peer.messages.map(({ payload }) => payload), expect);
    // Beyond 20, mosquitto would have closed the connection.
    const packets = await page.packets();
    assert.equal(packets.filter((packet) => packet === "> CONNECT").length, 1);
    assert.equal(packets.length, 2 + 4 * 200);
  });

  test("tells the packets apart by word, shape and color, and names them for screen readers", async () => {
    await page.connected({ url: broker.webSocketUrl, version: 5, clientIdentifier: "reader" });
    await page.publish({ topic: "four/steps", payload: "one", qos: 2, retain: true });
    await page.finishes(OUTCOMES[2]);
    const arrows = (await page.arrows()).slice(2);
    assert.deepEqual(
      arrows.map(({ label }) => label),
      ['PUBLISH id 1 QoS 2 RETAIN four/steps "one"', "PUBREC id 1", "PUBREL id 1", "PUBCOMP id 1"],
    );
    assert.deepEqual(arrows.map(({ head }) => head), ["filled", "open", "barred", "open"]);
    assert.equal(new Set(arrows.map(({ kind }) => kind)).size, 4);
    assert.match(arrows[0].sentence, /^PUBLISH from reader to .*packet identifier 1, QoS 2, retain flag set, topic "four\/steps"/);
    assert.match(arrows[3].sentence, /^PUBCOMP from .* to reader, packet identifier 1/);
  });
});

describe("a broker that grants less", { timeout: 60_000 }, () => {
  let site, browser;

  before(async () => {
    site = await Site.start();
    browser = await Browser.start();
  });

  after(async () => {
    await browser?.dispose();
    await site?.dispose();
  });

  test("is seen to: requested 2, granted 1, delivered 1", async (context) => {
    const broker = await Broker.start({ listener: ["max_qos 1"] });
    context.after(() => broker.dispose());
    const peer = await Peer.connect(broker.tcpUrl);
    context.after(() => peer.dispose());
    const page = await ClientPage.open(browser, site);
    await page.connected({ url: broker.webSocketUrl, version: 5, clientIdentifier: "less" });
    await page.subscribe("less", 2);
    await peer.publish("less", "two", 2);
    await page.receives(1);
    assert.deepEqual(await page.subscription("less"), {
      requested: "QoS 2",
      granted: "QoS 1",
      delivered: "1 × QoS 1",
      remark: "Granted less than requested: the broker sends at most QoS 1, not 2.",
    });
  });
});

/// A flow of the first identifier that the sender of the PUBLISH uses, in short.
function flow(way, qos) {
  if (qos === 0) return [`${way} PUBLISH QoS 0`];
  const back = way === ">" ? "<" : ">";
  const answers = ANSWERS[qos].map((answer) => `${answer[0] === ">" ? way : back}${answer.slice(1)} id 1`);
  return [`${way} PUBLISH id 1 QoS ${qos}`, ...answers];
}

/// The message flows in the diagram, in short; their steps have to be numbered from 1.
async function drawn(page) {
  const arrows = (await page.arrows()).filter(({ kind }) => kind.startsWith("pub"));
  if (arrows.length > 1) assert.deepEqual(arrows.map(({ step }) => step), ["1", "2", "3", "4"].slice(0, arrows.length));
  return arrows.map(({ way, label }) => `${way} ${/^[A-Z]+( id \d+)?( QoS \d)?/.exec(label)[0]}`);
}
