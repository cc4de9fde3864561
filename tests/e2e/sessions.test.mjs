// Sessions that the page and the broker know differently: 200 messages at QoS 2 each time, of which
// none is lost and none arrives twice.

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

const COUNT = 200;
const ALL = Array.from({ length: COUNT }, (_, index) => `${index + 1}`);
const TOPIC = "sessions/messages";

for (const [version, name] of Object.entries({ 4: "3.1.1", 5: "5.0" })) {
  describe(`200 messages at QoS 2 in ${name}`, { timeout: 240_000 }, () => {
    let site, browser, broker, proxy, subscriber;

    before(async () => {
      site = await Site.start();
    });

    after(async () => {
      await site?.dispose();
    });

    beforeEach(async () => {
      browser = await Browser.start();
      broker = await Broker.start({ config: ["max_inflight_messages 0"] });
      proxy = await Proxy.start(broker.webSocketPort);
      subscriber = await Peer.connect(broker.tcpUrl, { protocolVersion: Number(version) });
      await subscriber.subscribe(TOPIC, 2);
    });

    afterEach(async () => {
      await subscriber?.dispose();
      await browser?.dispose();
      await proxy?.dispose();
      await broker?.dispose();
    });

    const session = (settings) => ({
      url: proxy.webSocketUrl,
      version,
      clientIdentifier: `session-${version}`,
      clean: false,
      // 5.0 brokers announce how many may be under way; this one announces no limit.
      ...(version === "4" && { sendQuota: COUNT }),
      ...settings,
    });

    /// Publishes them all, and checks that each arrives once.
    const arrives = async (page) => {
      await page.publishBurst({ topic: TOPIC, payload: "{n}", qos: 2, count: COUNT });
      await page.inFlightCounts("0 out, 0 in");
      await arrived();
    };

    const arrived = async () => {
      await subscriber.received(COUNT, 60_000);
      await subscriber.publish(TOPIC, "the end", 2);
      await subscriber.received(COUNT + 1);
      const payloads = subscriber.messages.map(({ payload }) => payload);
      assert.deepEqual(payloads, [...ALL, "the end"]);
    };

    /// Leaves packet identifiers at the broker that await PUBREL, and ends the tab.
    const leave = async () => {
      const page = await ClientPage.open(browser, site);
      await page.connected(session());
      const [connection] = proxy.connections;
      connection.hold("toClient");
      await page.publishBurst({ topic: TOPIC, payload: "{n}", qos: 2, count: COUNT });
      await until(() => sent(connection) === COUNT, "every PUBLISH has left", 60_000);
      await browser.crash(page.tab);
    };

    const sent = (connection) =>
      packetTypes(connection.mqtt("toBroker")).filter((type) => type === "PUBLISH").length;

    test("from two tabs: the second is told to use the first", async () => {
      const first = await ClientPage.open(browser, site);
      await first.connected(session());
      const second = await ClientPage.open(browser, site);
      await second.connect(session());
      await second.alert().filter({ hasText: "another tab" }).waitFor();
      await arrives(first);
      assert.equal(proxy.connections.length, 1, "the second tab has not connected");
      await first.tab.close();
      await second.connected(session());
    });

    test("after storage was cleared: the page does not take the broker's session", async () => {
      await leave();
      const cleaner = await ClientPage.open(browser, site);
      await cleaner.tab.evaluate(clearStorage);
      await cleaner.tab.close();

      const page = await ClientPage.open(browser, site);
      await page.connect(session());
      await page.alert().filter({ hasText: "session" }).waitFor();
      await page.connected(session({ clean: true }));
      await arrives(page);
    });

    test("with storage denied: the page does not take the broker's session", async () => {
      await leave();
      const tab = await browser.open(`${site.url}#/client`, { first: denyStorage });
      const page = new ClientPage(tab);
      await page.connect(session());
      await page.alert().filter({ hasText: "session" }).waitFor();
      await page.connected(session({ clean: true }));
      await arrives(page);
    });

    test("under another spelling of the address: the session is found", async () => {
      await leave();
      const page = await ClientPage.open(browser, site);
      await page.connected(session({ url: `${proxy.webSocketUrl.replace("ws:", "WS:")}/` }));
      await page.inFlightCounts("0 out, 0 in");
      await arrived();
    });
  });
}

/// As "clear site data" does it.
async function clearStorage() {
  for (const { name } of await indexedDB.databases()) {
    await new Promise((resolve, reject) => {
      const request = indexedDB.deleteDatabase(name);
      request.onsuccess = resolve;
      request.onerror = () => reject(request.error);
    });
  }
  localStorage.clear();
}

/// As some browsers do in private windows.
function denyStorage() {
  Object.defineProperty(window, "indexedDB", { value: undefined });
}
