// Passwords are never stored, and nobody is asked but the page's own host and the chosen broker.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Broker } from "./harness/broker.mjs";
import { Browser } from "./harness/browser.mjs";
import { ClientPage } from "./harness/page.mjs";
import { Proxy } from "./harness/proxy.mjs";
import { Site } from "./harness/site.mjs";

const PASSWORD = "correct-horse-battery-staple";

describe("what stays private", { timeout: 120_000 }, () => {
  let site, browser, broker, proxy;

  before(async () => {
    site = await Site.start({ path: "/some/path/" });
    browser = await Browser.start();
    broker = await Broker.start({ users: { ann: PASSWORD } });
    proxy = await Proxy.start(broker.webSocketPort);
  });

  after(async () => {
    await proxy?.dispose();
    await broker?.dispose();
    await browser?.dispose();
    await site?.dispose();
  });

  test("a password is not stored, though all the rest of the session is", async () => {
    const first = await ClientPage.open(browser, site);
    const settings = { url: proxy.webSocketUrl, version: 5, clientIdentifier: "private", clean: true };
    await first.connected({ ...settings, userName: "ann", password: PASSWORD });
    // Something unfinished, so that there is a session to be stored.
    proxy.connections.at(-1).hold("toClient");
    await first.publish({ topic: "private/topic", payload: "unfinished", qos: 2 });
    await first.inFlightCounts("1 out, 0 in");
    const kept = await first.tab.evaluate(everythingStored);
    assert.ok(kept.includes("private"), "the client identifier is remembered");
    assert.ok(kept.includes("ann"), "the user name is remembered");
    assert.ok(kept.includes("unfinished"), "the message is stored");
    assert.ok(!kept.includes(PASSWORD));
    await first.tab.close();

    const second = await ClientPage.open(browser, site);
    const form = second.section("Connect");
    assert.equal(await form.getByLabel("Client identifier").inputValue(), "private");
    assert.equal(await form.getByLabel("User name").inputValue(), "ann");
    assert.equal(await form.getByLabel("Password").inputValue(), "");
    assert.equal(await form.getByLabel("Password").getAttribute("type"), "password");
    await second.tab.close();
  });

  test("a transcript says that there was a password, and not which", async () => {
    const page = await ClientPage.open(browser, site);
    await page.connected({ url: broker.webSocketUrl, version: 4, clientIdentifier: "transcript", userName: "ann", password: PASSWORD });
    const text = (await page.transcript()).map((record) => record.text).join("\n");
    assert.match(text, /user "ann" password/);
    assert.ok(!text.includes(PASSWORD));
    await page.tab.close();
  });

  test("a whole visit talks to the page's host and to the broker, and to nobody else", async () => {
    const page = await ClientPage.open(browser, site);
    const sockets = [];
    page.tab.on("websocket", (socket) => sockets.push(socket.url()));
    await page.connected({ url: broker.webSocketUrl, version: 5, clientIdentifier: "visit", userName: "ann", password: PASSWORD });
    await page.subscribe("visit/#", 2);
    await page.publish({ topic: "visit/one", payload: "to myself", qos: 2 });
    await page.receives(1);
    await page.transcript();
    await page.disconnect();
    const own = (url) => url.startsWith(site.url) || url.startsWith(`blob:${site.origin}/`) || url.startsWith("data:");
    assert.deepEqual(page.tab.requested.filter((url) => !own(url)), []);
    assert.deepEqual(new Set(sockets), new Set([`${broker.webSocketUrl}/`]));
    assert.deepEqual(await page.tab.context().cookies(), []);
    assert.deepEqual(page.problems, []);
    await page.tab.close();
  });
});

/// All that this site has stored, as one text.
async function everythingStored() {
  const text = (value) => {
    if (value instanceof ArrayBuffer) value = new Uint8Array(value);
    if (value instanceof Uint8Array) return new TextDecoder().decode(value);
    return JSON.stringify(value);
  };
  const settled = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const found = [localStorage, sessionStorage].map(text);
  for (const { name } of await indexedDB.databases()) {
    const database = await settled(indexedDB.open(name));
    for (const store of database.objectStoreNames) {
      const objects = database.transaction(store).objectStore(store);
      const [keys, values] = await Promise.all([objects.getAllKeys(), objects.getAll()].map(settled));
      found.push(...keys.map(text), ...values.map(text));
    }
    database.close();
  }
  return found.join("\n");
}
