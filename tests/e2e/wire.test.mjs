// What the page shows of the wire is what crossed the wire: the bytes in the inspector and the bytes
// that a plain TCP proxy saw, compared one by one.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Broker } from "./harness/broker.mjs";
import { Browser } from "./harness/browser.mjs";
import { ClientPage } from "./harness/page.mjs";
import { Peer } from "./harness/peer.mjs";
import { Proxy } from "./harness/proxy.mjs";
import { Site } from "./harness/site.mjs";
import { packetTypes } from "./harness/websocket.mjs";

const VERSIONS = { 4: "3.1.1", 5: "5.0" };
const OPCODE_BINARY = 2;

describe("the trace and the wire", { timeout: 120_000 }, () => {
  let site, browser, broker, proxy;

  before(async () => {
    site = await Site.start();
    browser = await Browser.start();
    broker = await Broker.start({ config: ["max_inflight_messages 0"] });
    proxy = await Proxy.start(broker.webSocketPort);
  });

  after(async () => {
    await proxy?.dispose();
    await broker?.dispose();
    await browser?.dispose();
    await site?.dispose();
  });

  for (const [version, name] of Object.entries(VERSIONS)) {
    test(`agree byte for byte in ${name}`, async (context) => {
      const peer = await Peer.connect(broker.tcpUrl, { protocolVersion: 5 });
      context.after(() => peer.dispose());
      const page = await ClientPage.open(browser, site);
      context.after(() => page.tab.close());
      await converse(page, peer, { url: proxy.webSocketUrl, version });

      const shown = await everyPacket(page);
      const connection = proxy.connections.at(-1);
      for (const [way, direction] of [[">", "toBroker"], ["<", "toClient"]]) {
        const { data, frames, rest } = connection.webSocket(direction);
        const bytes = Buffer.concat(shown.filter((packet) => packet.way === way).map((packet) => packet.bytes));
        assert.equal(bytes.toString("hex"), data.toString("hex"), direction);
        // A Close frame may follow; nothing else does, and nothing is left over.
        const opcodes = frames.map(({ opcode }) => opcode).filter((opcode) => opcode < 8);
        assert.deepEqual(new Set(opcodes), new Set([OPCODE_BINARY]));
        assert.equal(rest, 0);
      }
      // Enough happened for the comparison to mean something.
      const types = new Set(["toBroker", "toClient"].flatMap((way) => packetTypes(connection.mqtt(way))));
      assert.deepEqual([...types].sort(), [
        "CONNACK", "CONNECT", "DISCONNECT", "PUBACK", "PUBCOMP", "PUBLISH", "PUBREC", "PUBREL", "SUBACK",
        "SUBSCRIBE", "UNSUBACK", "UNSUBSCRIBE",
      ]);
    });
  }

  test("packets that are ready together leave in one WebSocket message", async (context) => {
    const page = await ClientPage.open(browser, site);
    context.after(() => page.tab.close());
    const session = { version: 4, clientIdentifier: "together", clean: false, sendQuota: 100 };
    await page.connected({ url: proxy.webSocketUrl, ...session });
    await page.publishBurst({ topic: "wire/together", payload: "{n}", qos: 1, count: 100 });
    await page.inFlightCounts("0 out, 0 in");
    // The first waits until it is stored, and meanwhile the others gather.
    const { frames } = proxy.connections.at(-1).webSocket("toBroker");
    const packets = frames.map(({ payload }) => packetTypes(payload).length);
    assert.deepEqual(packets.slice(0, 3), [1, 1, 99], "CONNECT, one PUBLISH, the other 99");
  });
});

/// A conversation with many kinds of packets, short and long, plain and not.
async function converse(page, peer, { url, version }) {
  const topic = `wire/${version}`;
  const long = "0123456789".repeat(300);
  await page.connected({ url, version, clientIdentifier: `wire-${version}`, clean: true });
  await page.subscribe(`${topic}/#`, 2);
  await page.publish({ topic: `${topic}/0`, payload: "plain" });
  await page.publish({ topic: `${topic}/1`, payload: "déjà vu, 温度 21 °C 🌡", qos: 1 });
  await page.publish({ topic: `${topic}/2`, payload: long, qos: 2 });
  await peer.publish(`${topic}/empty`, "", 2);
  await peer.publish(`${topic}/binary`, Buffer.from([0, 255, 128, 10]), 1);
  await page.receives(5);
  await page.inFlightCounts("0 out, 0 in");
  await page.subscriptionItem(`${topic}/#`).getByRole("button", { name: /^Unsubscribe/ }).click();
  await page.subscriptionItem(`${topic}/#`).waitFor({ state: "detached" });
  await page.disconnect();
}

/// The bytes of every packet as the inspector shows them, gone through with the keyboard.
async function everyPacket(page) {
  const list = page.rowList();
  await list.focus();
  await page.tab.keyboard.press("Home");
  const packets = [];
  for (;;) {
    const selected = list.getByRole("option", { selected: true });
    const [place, size] = await selected.evaluate((row) =>
      ["aria-posinset", "aria-setsize"].map((name) => Number(row.getAttribute(name))),
    );
    const { way } = (await page.drawnRows()).find((row) => row.selected);
    // An opened or closed connection is a row without bytes.
    if (way !== "-") packets.push({ way, bytes: await page.inspectedBytes() });
    if (place === size) return packets;
    await list.focus();
    await page.tab.keyboard.press("ArrowDown");
    await list.locator(`[aria-selected=true][aria-posinset="${place + 1}"]`).waitFor();
  }
}
