// The harness itself: a broker that is really killed, a proxy that really records.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { Broker } from "./harness/broker.mjs";
import { Browser } from "./harness/browser.mjs";
import { until } from "./harness/net.mjs";
import { Peer } from "./harness/peer.mjs";
import { Proxy } from "./harness/proxy.mjs";
import { Site } from "./harness/site.mjs";
import { decodeWebSocket, packetTypes as types, splitPackets } from "./harness/websocket.mjs";

describe("the WebSocket decoder", () => {
  const head = "GET /mqtt HTTP/1.1\r\nUpgrade: websocket\r\n\r\n";
  const cases = [
    { name: "an unmasked frame", frames: "8202c000", data: "c000", rest: 0 },
    { name: "a masked frame", frames: "82820a0b0c0dca0b", data: "c000", rest: 0 },
    { name: "a packet split over two frames", frames: "0201c0800100", data: "c000", rest: 0 },
    { name: "a ping between two frames", frames: "0201c08900800100", data: "c000", rest: 0 },
    { name: "a cut frame", frames: "8202c0008202c0", data: "c000", rest: 3 },
    { name: "a 16-bit length", frames: `827e0080${"00".repeat(128)}`, data: "00".repeat(128), rest: 0 },
    {
      name: "a 64-bit length",
      frames: `827f0000000000000080${"00".repeat(128)}`,
      data: "00".repeat(128),
      rest: 0,
    },
  ];
  for (const { name, frames, data, rest } of cases) {
    test(`reads ${name}`, () => {
      const decoded = decodeWebSocket(Buffer.concat([Buffer.from(head), Buffer.from(frames, "hex")]));
      assert.equal(decoded.data.toString("hex"), data);
      assert.equal(decoded.rest, rest);
      assert.match(decoded.head, /^GET \/mqtt/);
    });
  }

  test("refuses a compressed frame", () => {
    const bytes = Buffer.concat([Buffer.from(head), Buffer.from("c202c000", "hex")]);
    assert.throws(() => decodeWebSocket(bytes), /reserved bit/);
  });

  test("splits packets at their remaining length, and leaves an incomplete one", () => {
    const long = `308001${"00".repeat(128)}`;
    const packets = splitPackets(Buffer.from(`c000${long}4002`, "hex"));
    assert.deepEqual(packets.map((packet) => packet.toString("hex")), ["c000", long]);
  });
});

describe("broker, proxy and peer", { timeout: 60_000 }, () => {
  let broker;

  before(async () => {
    broker = await Broker.start();
  });

  after(() => broker?.dispose());

  for (const protocolVersion of [4, 5]) {
    test(`record the four steps of QoS 2, version ${protocolVersion}`, async (context) => {
      const proxy = await Proxy.start(broker.webSocketPort);
      context.after(() => proxy.dispose());
      const subscriber = await Peer.connect(broker.tcpUrl, { protocolVersion });
      context.after(() => subscriber.dispose());
      await subscriber.subscribe("steps", 2);

      const publisher = await Peer.connect(proxy.webSocketUrl, { protocolVersion });
      context.after(() => publisher.dispose());
      await publisher.publish("steps", "four", 2);
      await subscriber.received(1);

      assert.deepEqual(subscriber.messages, [{ topic: "steps", payload: "four", qos: 2, retain: false, dup: false }]);
      const [connection] = proxy.connections;
      assert.deepEqual(types(connection.mqtt("toBroker")), ["CONNECT", "PUBLISH", "PUBREL"]);
      assert.deepEqual(types(connection.mqtt("toClient")), ["CONNACK", "PUBREC", "PUBCOMP"]);
      assert.match(connection.webSocket("toClient").head, /101 /);
    });
  }

  test("cut a connection, which the peer notices", async (context) => {
    const proxy = await Proxy.start(broker.webSocketPort);
    context.after(() => proxy.dispose());
    const peer = await Peer.connect(proxy.webSocketUrl);
    context.after(() => peer.dispose());
    proxy.cut();
    await peer.closed();
    assert.equal(proxy.connections[0].open, false);
  });

  test("withhold a packet and cut in its place", async (context) => {
    const proxy = await Proxy.start(broker.webSocketPort);
    context.after(() => proxy.dispose());
    const peer = await Peer.connect(proxy.webSocketUrl);
    context.after(() => peer.dispose());
    const [connection] = proxy.connections;
    connection.onChunk = (direction) => direction !== "toClient";
    peer.publish("withheld", "", 1).catch(() => {});
    await peer.closed();
    assert.deepEqual(types(connection.mqtt("toBroker")), ["CONNECT", "PUBLISH"]);
    assert.deepEqual(types(connection.mqtt("toClient")), ["CONNACK"]);
  });

  test("hold a direction back, and release it", async (context) => {
    const proxy = await Proxy.start(broker.webSocketPort);
    context.after(() => proxy.dispose());
    // Held back from the moment the PUBLISH is seen, so that its PUBACK cannot slip through.
    proxy.onConnection = (connection) => {
      connection.onChunk = (direction) => {
        if (types(connection.mqtt("toBroker")).length > 0 && direction === "toBroker") {
          connection.hold("toClient");
        }
        return true;
      };
    };
    const peer = await Peer.connect(proxy.webSocketUrl);
    context.after(() => peer.dispose());
    const [connection] = proxy.connections;
    let settled = false;
    const published = peer.publish("held", "", 1).then(() => (settled = true));
    await until(() => types(connection.mqtt("toBroker")).includes("PUBLISH"), "the PUBLISH is seen");
    assert.deepEqual(types(connection.mqtt("toClient")), ["CONNACK"]);
    assert.equal(settled, false);
    connection.release("toClient");
    await published;
    assert.deepEqual(types(connection.mqtt("toClient")), ["CONNACK", "PUBACK"]);
  });
});

describe("a broker that is killed", { timeout: 60_000 }, () => {
  let broker;

  beforeEach(async () => {
    broker = await Broker.start();
  });

  afterEach(() => broker.dispose());

  test("starts again on the same ports with the sessions that it stored", async (context) => {
    const session = { clientId: "sleeper", clean: false };
    const sleeper = await Peer.connect(broker.tcpUrl, session);
    await sleeper.subscribe("kept", 1);
    await sleeper.dispose();
    const publisher = await Peer.connect(broker.webSocketUrl);
    context.after(() => publisher.dispose());
    await publisher.publish("kept", "message", 1);

    await broker.kill();
    await publisher.closed();
    await broker.restart();

    const awake = await Peer.connect(broker.tcpUrl, session);
    context.after(() => awake.dispose());
    assert.equal(awake.sessionPresent, true);
    await awake.received(1);
    assert.equal(awake.messages[0].payload, "message");
  });
});

describe("the browser", { timeout: 60_000 }, () => {
  let site, browser;

  before(async () => {
    site = await Site.start();
    browser = await Browser.start();
  });

  after(async () => {
    await browser?.dispose();
    await site?.dispose();
  });

  const endings = {
    "a closed tab": (page) => page.close(),
    "a crashed tab": (page) => browser.crash(page),
    "a restart": () => browser.restart(),
  };
  for (const [name, end] of Object.entries(endings)) {
    test(`keeps what a page stored over ${name}`, async () => {
      const first = await browser.open(site.url);
      await first.evaluate(write, name);
      await end(first);
      const second = await browser.open(site.url);
      assert.equal(await second.evaluate(read), name);
    });
  }

  test("notes errors, failed requests and policy violations", async () => {
    const page = await browser.open(site.url);
    await page.evaluate(async () => {
      console.error("an error");
      await fetch("missing").catch(() => {});
      await fetch("https://host.invalid/").catch(() => {});
    });
    await until(() => page.problems.length >= 4, "the problems are noted");
    const problems = page.problems.join("\n");
    assert.match(problems, /console error: an error/);
    assert.match(problems, /404: http.*missing/);
    assert.match(problems, /console error: .*https:\/\/host\.invalid.*Content Security Policy/);
  });
});

function write(value) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("harness", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("values");
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const transaction = opening.result.transaction("values", "readwrite", { durability: "strict" });
      transaction.objectStore("values").put(value, "value");
      transaction.oncomplete = () => resolve();
      transaction.onerror = () => reject(transaction.error);
    };
  });
}

function read() {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("harness", 1);
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const request = opening.result.transaction("values").objectStore("values").get("value");
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    };
  });
}
