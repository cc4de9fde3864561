// The front page: an exchange that runs, and the ways in.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { violations } from "./harness/axe.mjs";
import { Browser } from "./harness/browser.mjs";
import { until } from "./harness/net.mjs";
import { Site } from "./harness/site.mjs";

const SIZES = [{ width: 1440, height: 900 }, { width: 360, height: 740 }];
const FLOW = ["1 PUBLISH", "2 PUBREC", "3 PUBREL", "4 PUBCOMP"];

describe("the front page", { timeout: 120_000 }, () => {
  let site, browser;

  before(async () => {
    site = await Site.start();
    browser = await Browser.start();
  });

  after(async () => {
    await browser?.dispose();
    await site?.dispose();
  });

  test("shows a live exchange: all four packets on both hops, one after the other", async (context) => {
    const tab = await browser.open(site.url);
    context.after(() => tab.close());
    const whole = async () => {
      const { packets, count } = await picture(tab);
      return count.startsWith("1 message delivered, once") && packets.length === 8 ? packets : null;
    };
    const packets = await until(whole, "a whole exchange");
    for (const hop of ["first", "second"]) {
      assert.deepEqual(packets.filter((it) => it.hop === hop).map((it) => it.label), FLOW, `the ${hop} hop`);
    }
    assert.deepEqual(tab.problems, []);
  });

  test("stands still while it is paused, and goes on", async (context) => {
    const tab = await browser.open(site.url);
    context.after(() => tab.close());
    const exchange = tab.getByRole("region", { name: "One message at QoS 2, live" });
    await until(async () => (await picture(tab)).packets.length > 1, "some packets");
    await exchange.getByRole("button", { name: "Pause" }).click();
    const still = await picture(tab);
    await tab.evaluate(frames, 30);
    assert.deepEqual(await picture(tab), still);
    await exchange.getByRole("button", { name: "Play" }).click();
    await until(async () => JSON.stringify(await picture(tab)) !== JSON.stringify(still), "it goes on");
  });

  test("is a still picture of a whole exchange for who wants no motion", async (context) => {
    const calm = await Browser.start({ reducedMotion: "reduce" });
    context.after(() => calm.dispose());
    const tab = await calm.open(site.url);
    const still = await picture(tab);
    assert.equal(still.packets.length, 8);
    await tab.evaluate(frames, 30);
    assert.deepEqual(await picture(tab), still);
  });

  for (const colorScheme of ["light", "dark"]) {
    for (const size of SIZES) {
      test(`axe finds nothing, ${colorScheme}, ${size.width} px wide`, async (context) => {
        const tab = await browser.open(site.url);
        context.after(() => tab.close());
        await tab.setViewportSize(size);
        await tab.emulateMedia({ colorScheme });
        await until(async () => (await picture(tab)).packets.length === 8, "a whole exchange");
        assert.deepEqual(await violations(tab), []);
        const width = await tab.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(width <= size.width, `the page is ${width} px wide`);
      });
    }
  }

  test("leads to the course, the lab and the client", async (context) => {
    const tab = await browser.open(site.url);
    context.after(() => tab.close());
    const links = await tab.getByRole("main").getByRole("link").evaluateAll((links) => links.map((it) => it.getAttribute("href")));
    assert.deepEqual(links, ["#/course", "#/lab", "#/client"]);
  });
});

/// The packets that are drawn, in the order in which they left, and what is said below them.
async function picture(tab) {
  return tab.locator(".exchange").evaluate((exchange) => {
    const packets = [...exchange.querySelectorAll(".wire")].map((wire) => {
      const line = wire.querySelector("line");
      const [x1, x2, y2] = ["x1", "x2", "y2"].map((name) => Number(line.getAttribute(name)));
      const broker = Number(exchange.querySelectorAll(".exchange__lane")[1].getAttribute("x1"));
      const hop = x1 <= broker && x2 <= broker ? "first" : "second";
      return { label: wire.textContent, hop, tip: [x2, y2] };
    });
    return { packets, count: exchange.querySelector(".exchange__count").textContent };
  });
}

/// Waits for this many frames.
async function frames(count) {
  for (let frame = 0; frame < count; frame += 1) await new Promise(requestAnimationFrame);
}
