// Passwords are never stored, and nobody is asked but the page's own host and the chosen broker.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Broker } from "./harness/broker.mjs";
import { Browser } from "./harness/browser.mjs";
import { HOST } from "./harness/net.mjs";
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

  for (const secret of ["hunter-two", "hunter/two", "hunter?two", "hunter#two", "hunter@two"]) {
    test(`the password "${secret}" of an address moves into its field, and is neither shown nor stored`, async (context) => {
      const users = await Broker.start({ users: { bob: secret } });
      context.after(() => users.dispose());
      const page = await ClientPage.open(browser, site);
      const form = page.section("Connect");
      const address = `ws://bob:${secret}@${HOST}:${users.webSocketPort}`;
      await form.getByLabel("Broker address").fill(address);
      await form.getByLabel("Broker address").blur();
      await form.getByText("User name and password were in the address").waitFor();
      assert.equal(await form.getByLabel("Broker address").inputValue(), users.webSocketUrl);
      assert.equal(await form.getByLabel("User name").inputValue(), "bob");
      assert.equal(await form.getByLabel("Password").inputValue(), secret);
      await page.connected({ clientIdentifier: `moved-${secret.length}` });
      await hidesEverywhere(page, "hunter");
      assert.ok(!JSON.stringify(await page.transcript()).includes("hunter"), "the transcript has it");
      await page.tab.close();
    });
  }

  test("no error quotes a password, and an address that may hold one is not stored", async () => {
    const page = await ClientPage.open(browser, site);
    const form = page.section("Connect");
    for (const url of ["ws://bob:80/hunter@host", "ws://bob:hunter/two@", "mqtt://bob:hunter@host", "ws://bob:hunter@host:x"]) {
      await form.getByLabel("Broker address").fill(url);
      await form.getByRole("button", { name: "Connect", exact: true }).click();
      await form.getByLabel("Broker address").and(form.locator("[aria-invalid=true]")).waitFor();
      await hidesEverywhere(page, "hunter");
    }
    await page.tab.close();
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

/// The text of the page and all that is stored have none of it.
async function hidesEverywhere(page, secret) {
  assert.ok(!(await page.tab.locator("body").innerText()).includes(secret), "the page shows it");
  assert.ok(!(await page.tab.evaluate(everythingStored)).includes(secret), "it is stored");
}

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
