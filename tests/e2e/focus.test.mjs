// Where the keyboard is after each step of the lab and of a lesson, how far the controls are, and
// what a screen reader is told.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { violations } from "./harness/axe.mjs";
import { Browser } from "./harness/browser.mjs";
import { LabPage } from "./harness/lab.mjs";
import { until } from "./harness/net.mjs";
import { Site } from "./harness/site.mjs";

const PUBACK = /^PUBACK from broker to publisher/;

describe("the focus", { timeout: 180_000 }, () => {
  let site, browser;

  before(async () => {
    site = await Site.start();
    browser = await Browser.start({ viewport: { width: 1440, height: 900 } });
  });

  after(async () => {
    await browser?.dispose();
    await site?.dispose();
  });

  async function open(context, address) {
    const page = await browser.open(site.url + address);
    context.after(() => page.close());
    return page;
  }

  test("goes from Run it to what comes of the run", async (context) => {
    const page = await open(context, "#/course/qos-2");
    await page.getByLabel("Speed").selectOption("100");
    await page.getByRole("radio", { name: /closes the connection/ }).focus();
    await page.keyboard.press("Space");
    await page.getByRole("button", { name: "Run it" }).focus();
    await page.keyboard.press("Enter");
    const outcome = page.locator("#predict").getByRole("status");
    await outcome.and(page.locator(":focus")).waitFor();
    await outcome.locator(".verdict__words").waitFor();
    await outcome.and(page.locator(":focus")).waitFor();
    await page.keyboard.press("Tab");
    await page.getByRole("button", { name: "Show the first packet that contradicts it" }).and(page.locator(":focus")).waitFor();
    assert.deepEqual(await violations(page), []);
  });

  for (const where of ["the lab", "a lesson"]) {
    test(`goes from What if in ${where} to the outcome, which is told, and back to the packets`, async (context) => {
      const page = await open(context, where === "the lab" ? "#/lab" : "#/course/qos-1");
      const lab = new LabPage(page);
      if (where === "the lab") await lab.show("QoS 1, at least once");
      else await lab.runUntilQuiet();
      const told = page.getByRole("status").filter({ hasText: /^What if: Cut the line before it arrives/ });
      assert.equal(await told.count(), 0);
      await lab.selectByKeys(lab.packet(PUBACK).first());
      await page.keyboard.press("c");
      await lab.menu().and(page.locator(":focus")).waitFor();
      await page.keyboard.press("Enter");
      const account = page.getByRole("group", { name: "What changed" });
      await account.and(page.locator(":focus")).waitFor();
      await told.filter({ hasText: /Original: .*Fork: / }).waitFor({ state: "attached" });
      assert.deepEqual(await violations(page), []);
      await tabTo(page, account.getByRole("button", { name: "Back to the original" }), 6);
      await page.keyboard.press("Enter");
      await lab.packets().and(page.locator(":focus")).waitFor();
      await told.waitFor({ state: "detached" });
    });
  }

  for (const address of ["#/lab", "#/course/qos-2", "#/course/for-real"]) {
    test(`is at the time controls in three steps, ${address}`, async (context) => {
      const page = await open(context, address);
      await page.getByRole("group", { name: "Time" }).waitFor();
      await tabTo(page, page.getByRole("link", { name: "Skip to the time controls" }), 2);
      await page.keyboard.press("Enter");
      await page.getByRole("group", { name: "Time" }).and(page.locator(":focus")).waitFor();
      await page.keyboard.press("Tab");
      await page.getByRole("button", { name: "To the start" }).and(page.locator(":focus")).waitFor();
    });
  }

  test("stops once at the sentences of a lesson, and arrow keys lead to the others", async (context) => {
    const page = await open(context, "#/course/qos-2");
    await new LabPage(page).runUntilQuiet();
    const sentences = page.locator(".prose").first().locator("[data-sentence]");
    const count = await sentences.count();
    assert.ok(count > 5, `${count} sentences`);
    const stops = () => sentences.evaluateAll((all) => all.flatMap((it, index) => (it.tabIndex === 0 ? [index] : [])));
    await until(async () => (await stops()).length === 1, "one of them is a stop");
    assert.deepEqual(await stops(), [0]);
    await page.locator(".lesson__title").click();
    await tabTo(page, sentences.first(), 10);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowRight");
    await sentences.nth(2).and(page.locator(":focus")).waitFor();
    assert.deepEqual(await stops(), [2]);
    await page.keyboard.press("End");
    await sentences.last().and(page.locator(":focus")).waitFor();
    await page.keyboard.press("ArrowDown");
    await sentences.last().and(page.locator(":focus")).waitFor();
    await page.keyboard.press("Home");
    await sentences.first().and(page.locator(":focus")).waitFor();
    await page.keyboard.press("Enter");
    await page.locator("#rows [aria-selected=true]").waitFor();
  });

  test("stays near when what had it goes away", async (context) => {
    const page = await open(context, "#/lab");
    const lab = new LabPage(page);
    await lab.show("QoS 1, at least once");
    const subscriber = lab.section("subscriber");
    await subscriber.getByRole("button", { name: /^Unsubscribe from/ }).focus();
    await page.keyboard.press("Enter");
    await subscriber.getByRole("button", { name: /^Unsubscribe from/ }).waitFor({ state: "detached" });
    await until(() => page.evaluate(() => document.activeElement.closest("section")?.id === "client-1"), "the focus is in the card");
    // The lab takes no more clients.
    const add = page.getByRole("button", { name: "Add a client" });
    while (await add.count()) {
      await add.focus();
      await page.keyboard.press("Enter");
      await page.waitForTimeout(50);
    }
    await until(() => page.evaluate(() => document.activeElement !== document.body), "the focus is not lost");
    assert.deepEqual(page.problems, []);
  });
});

/// Presses Tab until this has the focus, at most so many times.
async function tabTo(page, target, most) {
  for (let stop = 0; stop <= most; stop += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`${target} is more than ${most} stops away`);
}
