// The last lesson: its goals, judged on a real connection.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { violations } from "./harness/axe.mjs";
import { Broker } from "./harness/broker.mjs";
import { Browser } from "./harness/browser.mjs";
import { ClientPage } from "./harness/page.mjs";
import { Proxy } from "./harness/proxy.mjs";
import { Site } from "./harness/site.mjs";

describe("lesson 15 on a real broker", { timeout: 180_000 }, () => {
  let site, broker;

  before(async () => {
    site = await Site.start();
    broker = await Broker.start();
  });

  after(async () => {
    await broker?.dispose();
    await site?.dispose();
  });

  for (const version of [5, 4]) {
    test(`each goal is reached as its packets come in, version ${version}`, async (context) => {
      const browser = await Browser.start({ viewport: { width: 1440, height: 900 }, locale: "en-US" });
      context.after(() => browser.dispose());
      const proxy = await Proxy.start(broker.webSocketPort);
      context.after(() => proxy.dispose());
      const tab = await browser.open(`${site.url}#/course/for-real`);
      await tab.getByText("No connection yet.").waitFor();
      const reached = (count) => tab.locator(".companion .badge", { hasText: `${count} of 3` }).waitFor();

      await tab.getByRole("link", { name: "Open the client" }).click();
      const page = new ClientPage(tab);
      await reached(0);
      assert.deepEqual(await violations(tab), []);
      const topic = `lesson-15/${version}`;
      const kept = version === 5 ? { sessionExpiry: 300 } : {};
      const clientIdentifier = `learner-${version}`;
      await page.connected({ url: proxy.webSocketUrl, version, clean: false, clientIdentifier, ...kept });
      await page.subscribe(topic, 1);
      await reached(0);
      await page.publish({ topic, payload: "20.5", qos: 2 });
      await reached(1);
      await page.publishBurst({ topic, payload: "{t}", qos: 1, count: 9 });
      await page.receives(10);
      await reached(1);
      await page.publishBurst({ topic, payload: "{t}", qos: 1, count: 10 });
      await reached(2);

      // The line breaks before the answer to PUBLISH comes.
      const connection = proxy.connections.at(-1);
      connection.onChunk = (direction) => direction === "toBroker";
      await page.publish({ topic, payload: "once more", qos: 1 });
      await reached(3);

      await tab.getByRole("link", { name: "Back to the lesson" }).click();
      await tab.getByText(/Following your connection: [\d,]+ packets/).waitFor();
      assert.equal(await tab.locator(".goal").getByText("for real: reached").count(), 3);
      await tab.reload();
      await tab.locator(".goal").first().waitFor();
      assert.equal(await tab.locator(".goal").getByText("for real: reached").count(), 3);
    });
  }
});
