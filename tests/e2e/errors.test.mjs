// What goes wrong, told so that a person can act on it.

import assert from "node:assert/strict";
import { after, before, beforeEach, afterEach, describe, test } from "node:test";
import { Broker } from "./harness/broker.mjs";
import { Browser } from "./harness/browser.mjs";
import { HOST, freePort } from "./harness/net.mjs";
import { ClientPage } from "./harness/page.mjs";
import { Peer } from "./harness/peer.mjs";
import { Site } from "./harness/site.mjs";
import { Stranger, accept, frame, refuse } from "./harness/stranger.mjs";

const VERSIONS = { 4: "3.1.1", 5: "5.0" };
const CONNACK = Buffer.from([0x20, 3, 0, 0, 0]);
const FAR_PAGE = "https://fourstep.example/";

describe("what goes wrong is told", { timeout: 120_000 }, () => {
  let site, browser, page;

  before(async () => {
    site = await Site.start();
    browser = await Browser.start();
  });

  after(async () => {
    await browser?.dispose();
    await site?.dispose();
  });

  beforeEach(async () => {
    page = await ClientPage.open(browser, site);
  });

  afterEach(() => page?.tab.close());

  const alertSays = (...parts) => says(page, parts);

  describe("before there is a connection", () => {
    const addresses = [
      ["", "Enter the address of a broker"],
      ["http://localhost:9001", "Write it as ws://localhost:9001"],
      ["mqtt://localhost:1883", "WebSocket listener"],
      ["ws://localhost:99999", "ports are 1 to 65535"],
    ];
    for (const [url, words] of addresses) {
      test(`the address "${url}" is corrected beside its field`, async () => {
        await page.connect({ url });
        const field = page.section("Connect").getByLabel("Broker address");
        assert.ok((await described(field)).includes(words), await described(field));
        assert.equal(await field.getAttribute("aria-invalid"), "true");
        assert.ok(await field.evaluate((element) => element === document.activeElement), "the field has the focus");
        await field.fill("ws://localhost:9001");
        assert.equal(await field.getAttribute("aria-invalid"), null);
      });
    }

    test("an address without a scheme is completed, and the page says with what", async (context) => {
      const broker = await Broker.start();
      context.after(() => broker.dispose());
      await page.connected({ url: `${HOST}:${broker.webSocketPort}`, clientIdentifier: "no-scheme" });
      await page.section("Connect").getByText("ws:// was put in front").waitFor();
    });

    test("a port of MQTT without WebSocket gets a hint before there is a connection", async () => {
      const form = page.section("Connect");
      await form.getByLabel("Broker address").fill("ws://localhost:1883");
      await form.getByText("Port 1883 is usually MQTT over plain TCP").waitFor();
      await form.getByLabel("Broker address").fill("ws://localhost:9001");
      await form.getByText("Port 1883").waitFor({ state: "hidden" });
    });

    test("a password without a user name, and a kept session without an identifier", async () => {
      await page.connect({
        url: "ws://localhost:9001", version: 4, clientIdentifier: "", clean: false, password: "alone",
      });
      const form = page.section("Connect");
      const texts = { "User name": "MQTT-3.1.2-22", "Client identifier": "MQTT-3.1.3-7" };
      for (const [label, words] of Object.entries(texts)) {
        assert.ok((await described(form.getByLabel(label))).includes(words), label);
      }
    });

    test("mixed content: what the browser forbids, and what to do", async (context) => {
      await browser.mirror(FAR_PAGE, site);
      const secure = new ClientPage(await browser.open(`${FAR_PAGE}#/client`));
      context.after(() => secure.tab.close());
      await secure.connect({ url: "ws://broker.example:8080" });
      await says(secure, ["This page came by https:", "Use wss:// if broker.example offers it."]);
      await secure.reaches("Not connected");
    });
  });

  describe("when no connection comes about", () => {
    test("nobody listens, and then somebody does", async (context) => {
      const broker = await Broker.start();
      context.after(() => broker.dispose());
      await broker.kill();
      await page.connect({ url: broker.webSocketUrl });
      await alertSays(
        `No connection to ${broker.webSocketUrl}/. The browser does not tell a page why.`,
        `is a broker running on port ${broker.webSocketPort} of ${HOST}, with a WebSocket listener?`,
        "/mqtt",
      );
      await page.reaches("Connection lost, waiting to reconnect");
      await broker.restart();
      await page.section("Connect").getByRole("button", { name: "Try again now" }).click();
      await page.reaches("Connected");
      await page.alert().waitFor({ state: "hidden" });
    });

    test("without reconnecting it ends there, and the form is back", async () => {
      await page.connect({ url: `ws://${HOST}:${await freePort()}`, reconnect: false });
      await alertSays("Nothing may be listening");
      await page.reaches("Not connected");
      await page.section("Connect").getByRole("button", { name: "Connect", exact: true }).waitFor();
    });

    const strangers = [
      ["a wrong path", refuse, null, ["The path may be wrong"]],
      ["no subprotocol", accept(null), null, ["The server may not speak the “mqtt” subprotocol"]],
      ["another subprotocol", accept("chat"), null, ["The server may not speak the “mqtt” subprotocol"]],
      [
        "a connection closed at CONNECT",
        accept("mqtt"),
        (socket) => socket.destroy(),
        ["closed the connection without answering CONNECT", "user name and password", "MQTT 3.1.1 only"],
      ],
      [
        "text instead of packets",
        accept("mqtt"),
        (socket) => socket.write(frame("hello")),
        ["MQTT allows only binary ones [MQTT-6.0.0-1]", "not an MQTT listener"],
      ],
      [
        "a CONNACK with a reserved bit set",
        accept("mqtt"),
        (socket) => socket.write(frame(Buffer.from([0x20, 3, 2, 0, 0]))),
        ["MQTT-3.2.2-1"],
      ],
      [
        "a packet that is no answer to CONNECT",
        accept("mqtt"),
        (socket) => socket.write(frame(Buffer.from([0xd0, 0]))),
        ["MQTT-3.2.0-1"],
      ],
      [
        "the CONNACK of 3.1.1 to a client of 5.0",
        accept("mqtt"),
        (socket) => socket.write(frame(Buffer.from([0x20, 2, 0, 1]))),
        ["The server answered in the form of MQTT 3.1.1", "Connect with MQTT 3.1.1"],
      ],
      [
        "close code 1011 at a CONNECT of 5.0",
        accept("mqtt"),
        (socket) => socket.end(Buffer.from([0x88, 2, 0x03, 0xf3])),
        ["close code 1011", "It may speak MQTT 3.1.1 only", "Connect with MQTT 3.1.1"],
      ],
    ];
    const goodbyes = [
      [0x8e, "Session taken over", "give each its own"],
      [0x8b, "Server shutting down", "Wait until it is back"],
    ].map(([code, ...words]) => [
      `a DISCONNECT with reason 0x${code.toString(16)}`,
      accept("mqtt"),
      (socket) => socket.write(Buffer.concat([frame(CONNACK), frame(Buffer.from([0xe0, 1, code]))])),
      ["The server ended the connection", ...words],
    ]);
    for (const [name, upgrade, answer, words] of [...strangers, ...goodbyes]) {
      test(name, async (context) => {
        const stranger = await Stranger.start(upgrade, answer ?? undefined);
        context.after(() => stranger.dispose());
        await page.connect({ url: stranger.webSocketUrl, version: 5, reconnect: false });
        await alertSays(...words);
        await page.reaches("Not connected");
      });
    }
  });

  test("a broker of 3.1.1 alone is connected to with one click", async (context) => {
    let connections = 0;
    const stranger = await Stranger.start(accept("mqtt"), (socket) => {
      // The first connection is refused in the form of 3.1.1, the second accepted in it.
      const code = connections++ === 0 ? 1 : 0;
      socket.write(frame(Buffer.from([0x20, 2, 0, code])));
    });
    context.after(() => stranger.dispose());
    await page.connect({ url: stranger.webSocketUrl, version: 5, clientIdentifier: "old" });
    await page.alert().getByRole("button", { name: "Connect with MQTT 3.1.1" }).click();
    await page.reaches("Connected");
  });

  describe("when the broker refuses", () => {
    let broker;

    before(async () => {
      broker = await Broker.start({ users: { ann: "right" }, listener: ["max_qos 1"] });
    });

    after(() => broker?.dispose());

    for (const [version, name] of Object.entries(VERSIONS)) {
      test(`a wrong password, ${name}: in words, and without trying again`, async () => {
        const login = { userName: "ann", password: "wrong" };
        await page.connect({ url: broker.webSocketUrl, version, clientIdentifier: `wrong-${version}`, ...login });
        await alertSays("The server refused the connection: Not authorized", "check the login");
        await page.reaches("Not connected");
        await page.connected({ password: "right" });
        await page.alert().waitFor({ state: "hidden" });
      });
    }

    test("a session that another client takes over, which this broker does not say", async (context) => {
      const login = { userName: "ann", password: "right" };
      const session = { url: broker.webSocketUrl, version: 5, clientIdentifier: "taken", reconnect: false };
      await page.connected({ ...session, ...login });
      const other = await Peer.connect(broker.tcpUrl, {
        clientId: "taken", protocolVersion: 5, username: "ann", password: "right",
      });
      context.after(() => other.dispose());
      await alertSays(`The connection to ${broker.webSocketUrl}/ is lost`, "another client may use the same client identifier");
      await page.reaches("Not connected");
    });

    test("a QoS that the broker does not support", async () => {
      const login = { userName: "ann", password: "right" };
      await page.connected({ url: broker.webSocketUrl, version: 5, clientIdentifier: "limits", ...login });
      await page.publish({ topic: "limits", payload: "", qos: 2 });
      await page.section("Publish").getByText(/MQTT-3\.2\.2-11/).waitFor();
      assert.deepEqual(await page.packets(), ["> CONNECT", "< CONNACK"]);
    });
  });

  test("a wildcard in a topic name, and a misplaced one in a filter, stay in the form", async () => {
    const publish = await page.fillPublishForm({ topic: "sensor/#" });
    await publish.getByRole("button", { name: "Send", exact: true }).click();
    const topic = publish.getByLabel("Topic", { exact: true });
    assert.match(await described(topic), /wildcard/i);

    const subscribe = page.section("Subscribe");
    const filter = subscribe.getByLabel("Topic filter");
    await filter.fill("sensor/#/temperature");
    await subscribe.getByRole("button", { name: "Subscribe", exact: true }).click();
    assert.equal(await filter.getAttribute("aria-invalid"), "true");
    assert.notEqual(await described(filter), "");
  });

  test("a command that needs a connection", async () => {
    await page.publish({ topic: "nobody/hears", payload: "", qos: 1 });
    await page.section("Publish").getByRole("alert").filter({ hasText: /connect/i }).waitFor();
  });
});

/// Waits until the connection's alert contains each of these.
async function says(page, parts) {
  for (const part of parts) await page.alert().filter({ hasText: part }).waitFor();
}

/// The description of a field that a screen reader reads: its fault and its hint.
function described(field) {
  return field.evaluate((element) =>
    (element.getAttribute("aria-describedby") ?? "")
      .split(" ")
      .map((id) => document.getElementById(id)?.textContent ?? "")
      .join(" ")
      .trim(),
  );
}
