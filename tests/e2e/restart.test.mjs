// The broker is killed in the middle of a flow and started again. The page comes back by itself and
// finishes what was begun.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { Broker } from "./harness/broker.mjs";
import { Browser } from "./harness/browser.mjs";
import { until } from "./harness/net.mjs";
import { ClientPage } from "./harness/page.mjs";
import { Peer } from "./harness/peer.mjs";
import { Proxy } from "./harness/proxy.mjs";
import { Site } from "./harness/site.mjs";
import { packetTypes } from "./harness/websocket.mjs";

const VERSIONS = { 4: "3.1.1", 5: "5.0" };
const TOPIC = "restart/message";
const SLEEPER = { clientId: "sleeper", clean: false };
const PAGE = "page-under-test";

describe("a broker that is killed and started again", { timeout: 180_000 }, () => {
  let site, browser, broker, proxy, page;

  before(async () => {
    site = await Site.start();
    browser = await Browser.start();
  });

  after(async () => {
    await browser?.dispose();
    await site?.dispose();
  });

  beforeEach(async () => {
    broker = await Broker.start();
    proxy = await Proxy.start(broker.webSocketPort);
    page = await ClientPage.open(browser, site);
  });

  afterEach(async () => {
    await page?.tab.close();
    await proxy?.dispose();
    await broker?.dispose();
  });

  /// Connects with a session that outlives the connection, and returns the proxy's side of it. A
  /// session that was begun with a clean start is not among those that mosquitto 2.0 stores.
  async function connect(version) {
    await page.connected({ url: proxy.webSocketUrl, version, clientIdentifier: PAGE, clean: false });
    return proxy.connections.at(-1);
  }

  /// Somebody who has subscribed and is away while the broker is down.
  async function sleeperSubscribes() {
    const sleeper = await Peer.connect(broker.tcpUrl, SLEEPER);
    await sleeper.subscribe(TOPIC, 2);
    await sleeper.dispose();
  }

  /// What the sleeper finds on waking up. A last message marks the end.
  async function sleeperFinds() {
    const sleeper = await Peer.connect(broker.tcpUrl, SLEEPER);
    assert.equal(sleeper.sessionPresent, true);
    await sleeper.publish(TOPIC, "the end", 2);
    await until(() => sleeper.messages.some(({ payload }) => payload === "the end"), "the end is received");
    await sleeper.dispose();
    return sleeper.messages.map(({ payload }) => payload).filter((payload) => payload !== "the end");
  }

  async function killAndRestart() {
    await broker.kill();
    // What is held back on the way from a dead broker must not arrive after all.
    proxy.cut();
    await page.reaches("Connection lost, waiting to reconnect");
    await broker.restart();
  }

  for (const [version, name] of Object.entries(VERSIONS)) {
    test(`between PUBLISH and PUBREC, ${name}: the message arrives once`, async () => {
      await sleeperSubscribes();
      const connection = await connect(version);
      connection.hold("toClient");
      await page.publish({ topic: TOPIC, payload: "exactly once", qos: 2 });
      await broker.store("exactly once");
      assert.deepEqual(await page.inFlight(), [
        { way: "out", identifier: "1", qos: "2", awaits: "PUBREC", topic: TOPIC },
      ]);
      await killAndRestart();

      await page.finishes(/QoS 2: PUBCOMP came/);
      assert.deepEqual(await page.packets(), [
        "> CONNECT", "< CONNACK", "> PUBLISH id 1 QoS 2",
        "> CONNECT", "< CONNACK", "> PUBLISH id 1 QoS 2 DUP", "< PUBREC id 1", "> PUBREL id 1", "< PUBCOMP id 1",
      ]);
      assert.match(await page.fact("Session").innerText(), /^present/);
      assert.deepEqual(await page.inFlight(), []);
      assert.deepEqual(await sleeperFinds(), ["exactly once"]);
    });

    test(`between PUBREL and PUBCOMP, ${name}: the message arrives once`, async () => {
      await sleeperSubscribes();
      const connection = await connect(version);
      // Nothing gets back behind the PUBREC.
      connection.onChunk = (direction) => {
        if (direction === "toClient") connection.hold("toClient");
        return true;
      };
      await page.publish({ topic: TOPIC, payload: "exactly once", qos: 2 });
      await until(() => broker.log.includes(`Sending PUBCOMP to ${PAGE}`), "the broker sends PUBCOMP");
      await broker.store("exactly once");
      assert.deepEqual((await page.inFlight()).map(({ awaits }) => awaits), ["PUBCOMP"]);
      await killAndRestart();

      await page.finishes(/QoS 2: PUBCOMP came/);
      assert.deepEqual(await page.packets(), [
        "> CONNECT", "< CONNACK", "> PUBLISH id 1 QoS 2", "< PUBREC id 1", "> PUBREL id 1",
        "> CONNECT", "< CONNACK", "> PUBREL id 1", "< PUBCOMP id 1",
      ]);
      assert.deepEqual(await sleeperFinds(), ["exactly once"]);
    });

    test(`before PUBACK, ${name}: the message arrives at least once, here twice`, async () => {
      await sleeperSubscribes();
      const connection = await connect(version);
      connection.hold("toClient");
      await page.publish({ topic: TOPIC, payload: "at least once", qos: 1 });
      await broker.store("at least once");
      await killAndRestart();

      await page.finishes(/QoS 1: PUBACK came/);
      assert.deepEqual(await page.packets(), [
        "> CONNECT", "< CONNACK", "> PUBLISH id 1 QoS 1",
        "> CONNECT", "< CONNACK", "> PUBLISH id 1 QoS 1 DUP", "< PUBACK id 1",
      ]);
      // The acknowledgement was lost, not the message.
      assert.deepEqual(await sleeperFinds(), ["at least once", "at least once"]);
    });

    test(`before the page's PUBREC arrives, ${name}: the page delivers the message once`, async () => {
      const connection = await connect(version);
      await page.subscribe(TOPIC, 2);
      connection.hold("toBroker");
      const publisher = await Peer.connect(broker.tcpUrl);
      await publisher.publish(TOPIC, "exactly once", 2);
      await page.receives(1);
      await broker.store("exactly once");
      await killAndRestart();

      const packets = await page.packetsWhen((all) => all.includes("> PUBCOMP id 1"), "the flow has ended");
      assert.deepEqual(packets.slice(4), [
        "< PUBLISH id 1 QoS 2", "> PUBREC id 1",
        "> CONNECT", "< CONNACK", "< PUBLISH id 1 QoS 2 DUP", "> PUBREC id 1", "< PUBREL id 1", "> PUBCOMP id 1",
      ]);
      assert.deepEqual(await page.inbox(), [{ qos: "QoS 2", payload: '"exactly once"' }]);
    });
  }

  test("with its sessions gone: the page says so once and starts over", async () => {
    const connection = await connect("5");
    connection.hold("toClient");
    await page.publishBurst({ topic: TOPIC, payload: "may arrive twice", qos: 2, count: 4 });
    const published = () => packetTypes(connection.mqtt("toBroker")).filter((name) => name === "PUBLISH");
    await until(() => published().length === 4, "4 PUBLISHes are on their way");
    await broker.forget();
    proxy.cut();
    await page.reaches("Connection lost, waiting to reconnect");
    await broker.restart();

    const ended = (all) => all.filter((packet) => packet.startsWith("< PUBCOMP")).length === 4;
    const packets = await page.packetsWhen(ended, "4 flows have ended");
    assert.deepEqual(packets.slice(6, 12), [
      "> CONNECT", "< CONNACK",
      "> PUBLISH id 1 QoS 2", "> PUBLISH id 2 QoS 2", "> PUBLISH id 3 QoS 2", "> PUBLISH id 4 QoS 2",
    ]);
    assert.match(await page.fact("Session").innerText(), /^new/);
    const notices = page.section("Connect").getByText("The server has lost the session.");
    await notices.waitFor();
    assert.deepEqual(await notices.allInnerTexts(), [
      "The server has lost the session. 4 messages start over and may arrive twice.",
    ]);
  });
});
