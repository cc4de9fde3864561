// What axe finds in each state of the page, in both color schemes, on a desk and on a telephone.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { violations } from "./harness/axe.mjs";
import { Broker } from "./harness/broker.mjs";
import { Browser } from "./harness/browser.mjs";
import { HOST, freePort } from "./harness/net.mjs";
import { ClientPage } from "./harness/page.mjs";
import { Proxy } from "./harness/proxy.mjs";
import { Site } from "./harness/site.mjs";

const SIZES = [{ width: 1440, height: 900 }, { width: 390, height: 844 }];

describe("axe finds nothing", { timeout: 180_000 }, () => {
  let site, browser, broker, proxy;

  before(async () => {
    site = await Site.start();
    browser = await Browser.start();
    broker = await Broker.start();
    proxy = await Proxy.start(broker.webSocketPort);
  });

  after(async () => {
    await proxy?.dispose();
    await broker?.dispose();
    await browser?.dispose();
    await site?.dispose();
  });

  for (const colorScheme of ["light", "dark"]) {
    for (const size of SIZES) {
      test(`${colorScheme}, ${size.width} px wide`, async (context) => {
        const page = await ClientPage.open(browser, site);
        context.after(() => page.tab.close());
        await page.tab.setViewportSize(size);
        await page.tab.emulateMedia({ colorScheme });
        for (const [state, reach] of Object.entries(STATES)) {
          await reach(page, proxy);
          assert.deepEqual(await violations(page.tab), [], state);
          const width = await page.tab.evaluate(() => document.documentElement.scrollWidth);
          assert.ok(width <= size.width, `${state}: the page is ${width} px wide`);
        }
      });
    }
  }
});

/// The states of the page, each reached from the one before.
const STATES = {
  empty: async () => {},
  "everything disclosed": async (page) => {
    for (const summary of await page.tab.locator("summary").all()) await summary.click();
    await page.section("Connect").getByLabel("Leave a will").check();
  },
  "a form with faults": async (page) => {
    await page.connect({ url: "localhost", keepAlive: "never" });
  },
  "a refused connection": async (page) => {
    await page.section("Connect").getByLabel("Leave a will").uncheck();
    await page.connect({ url: `ws://${HOST}:${await freePort()}`, keepAlive: 60 });
    await page.alert().getByRole("listitem").first().waitFor();
    await page.disconnect();
  },
  connected: async (page, proxy) => {
    await page.connected({ url: proxy.webSocketUrl, clientIdentifier: "axe", version: 5, clean: true });
    await page.subscribe("axe/#", 2);
    for (const qos of [0, 1, 2]) await page.publish({ topic: "axe/one", payload: "to myself", qos, retain: qos === 1 });
    await page.receives(3);
    await page.inFlightCounts("0 out, 0 in");
  },
  "a packet in the inspector": async (page) => {
    await page.rowList().getByRole("option").last().click();
    await page.section("Inspector").getByRole("tree", { name: "Fields" }).waitFor();
  },
  "a transcript": async (page) => {
    await page.section("Packets").getByRole("button", { name: "Show as text" }).click();
  },
  "messages in flight": async (page, proxy) => {
    await page.section("Packets").getByRole("button", { name: "Show as text" }).click();
    proxy.connections.at(-1).hold("toClient");
    await page.publish({ topic: "axe/held", payload: "unfinished", qos: 2 });
    await page.inFlightCounts("1 out, 0 in");
  },
  "a lost connection": async (page, proxy) => {
    proxy.cut();
    await page.reaches("Connection lost, waiting to reconnect");
    await page.disconnect();
  },
};
