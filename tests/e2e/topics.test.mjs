// Topics, identifiers and payloads of people everywhere: each looks like what it is, stays in its
// place, and what is unusual about it is said.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { violations } from "./harness/axe.mjs";
import { Browser } from "./harness/browser.mjs";
import { LabPage } from "./harness/lab.mjs";
import { Site } from "./harness/site.mjs";

const HEBREW = "בית/חדר/טמפרטורה";

describe("a topic", { timeout: 120_000 }, () => {
  let site, browser;

  before(async () => {
    site = await Site.start();
    browser = await Browser.start({ viewport: { width: 1440, height: 900 } });
  });

  after(async () => {
    await browser?.dispose();
    await site?.dispose();
  });

  async function publishing(context, topic, payload) {
    const lab = await LabPage.open(browser, site);
    context.after(() => lab.tab.close());
    await lab.quiet();
    const form = lab.section("subscriber").locator("form").filter({ hasText: "Topic filter" });
    await form.getByLabel("Topic filter").fill("#");
    await form.getByRole("button", { name: "Subscribe" }).click();
    await lab.runUntilQuiet();
    await lab.publish({ topic, payload, qos: 0 });
    await lab.runUntilQuiet();
    return lab;
  }

  test("in Hebrew runs its levels in their order, and nothing runs into it", async (context) => {
    const lab = await publishing(context, HEBREW, "שלום 20.5");
    const inbox = lab.section("subscriber").locator(".delivery__topic");
    const detail = lab.section("Packets").locator(".arrow__detail", { hasText: "טמפרטורה" });
    for (const [name, place] of [["the inbox", inbox], ["the diagram", detail]]) {
      const lefts = await place.first().evaluate(leftsOf, ["בית", "חדר", "טמפרטורה"]);
      assert.deepEqual([...lefts].sort((a, b) => a - b), lefts, `${name}: ${lefts}`);
    }
    const quotes = await detail.first().evaluate(leftsOf, ["טמפרטורה", "\""]);
    assert.ok(quotes[0] < quotes[1], "the payload follows the topic");
    await lab.section("Packets").getByRole("button", { name: "Show as text" }).click();
    const line = lab.section("Packets").locator(".transcript__line", { hasText: "טמפרטורה" }).first();
    const lefts = await line.evaluate(leftsOf, ["בית", "חדר", "טמפרטורה", "שלום"]);
    assert.deepEqual([...lefts].sort((a, b) => a - b), lefts, `the transcript: ${lefts}`);
    assert.deepEqual(await violations(lab.tab), []);
  });

  test("that ends in a space looks otherwise than one that does not", async (context) => {
    const lab = await publishing(context, "sensor/temperature ", "20.5");
    await lab.section("subscriber").locator(".delivery__topic").getByText("sensor/temperature␣", { exact: true }).waitFor();
    await lab.section("Packets").locator(".arrow__detail", { hasText: "sensor/temperature␣" }).first().waitFor({ state: "attached" });
  });

  const FIELDS = [
    ["the lab", "#/lab", "Topic", "publisher"],
    ["the lab", "#/lab", "Topic filter", "subscriber"],
    ["the client", "#/client", "Topic", "Publish"],
    ["the client", "#/client", "Topic filter", "Subscribe"],
  ];
  for (const [where, address, name, section] of FIELDS) {
    test(`that is unusual gets a hint while it is typed, ${where}: ${name}`, async (context) => {
      const page = await browser.open(site.url + address);
      context.after(() => page.close());
      const field = page.getByRole("region", { name: section, exact: true }).getByLabel(name, { exact: true });
      const remarks = page.getByRole("region", { name: section, exact: true }).locator(".field__remark");
      const cases = [
        ["/sensor", /starts with a slash/],
        ["sensor/", /ends with a slash/],
        ["a//b", /two slashes in a row/],
        ["sensor ", /starts or ends with a space/],
        ["a\u00a0b", /can’t see/],
      ];
      for (const [topic, words] of cases) {
        await field.fill(topic);
        await remarks.filter({ hasText: words }).waitFor();
        assert.equal(await remarks.count(), 1, topic);
      }
      assert.deepEqual(await violations(page), []);
      await field.fill("sensor/temperature");
      await remarks.waitFor({ state: "detached" });
      // What is pasted loses its line break. That is the browser's doing, and said here.
      await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
      await page.evaluate(() => navigator.clipboard.writeText("sensor/\ntemperature"));
      await field.focus();
      await page.keyboard.press("Control+A");
      await page.keyboard.press("Control+V");
      await remarks.filter({ hasText: /had line breaks/ }).waitFor();
      await page.keyboard.type("s");
      await remarks.waitFor({ state: "detached" });
    });
  }
});

/// Where each of these words is drawn, from the left.
function leftsOf(element, words) {
  const texts = [];
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) texts.push(walker.currentNode);
  return words.map((word) => {
    const node = texts.find((text) => text.data.includes(word));
    const range = document.createRange();
    const start = node.data.indexOf(word);
    range.setStart(node, start);
    range.setEnd(node, start + word.length);
    return range.getBoundingClientRect().left;
  });
}
