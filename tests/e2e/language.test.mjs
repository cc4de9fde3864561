// The page in two languages: which one it starts in, how it changes, and what it remembers.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { violations } from "./harness/axe.mjs";
import { Browser } from "./harness/browser.mjs";
import { Site } from "./harness/site.mjs";

// The pages, and what the link to each is called in both languages.
const PAGES = { "#/lab": ["Lab", "实验室"], "#/client": ["Client", "客户端"] };
// More than there are stops in the header.
const MOST_STOPS = 20;

describe("two languages", { timeout: 120_000 }, () => {
  let site;

  before(async () => {
    site = await Site.start();
  });

  after(async () => {
    await site?.dispose();
  });

  async function browser(context, locale) {
    const browser = await Browser.start({ locale });
    context.after(() => browser.dispose());
    return browser;
  }

  const language = (page) => page.evaluate(() => document.documentElement.lang);
  const link = (page, name) => page.locator("header").getByRole("link", { name, exact: true });

  for (const [locale, expected] of [["en-GB", "en"], ["zh-TW", "zh-Hans"], ["de-DE", "en"]]) {
    test(`a browser that asks for ${locale} gets ${expected}`, async (context) => {
      const page = await (await browser(context, locale)).open(site.url);
      assert.equal(await language(page), expected);
      await link(page, expected === "en" ? "Lab" : "实验室").waitFor();
    });
  }

  for (const [address, names] of Object.entries(PAGES)) {
    test(`${address} changes by keyboard, keeps the focus, and remembers`, async (context) => {
      const page = await (await browser(context, "en-US")).open(site.url + address);
      await link(page, names[0]).waitFor();
      const button = page.getByRole("button", { name: /English\s*中文/ });
      const isFocused = () => button.evaluate((it) => it === document.activeElement);
      for (let stop = 0; !(await isFocused()); stop++) {
        assert.ok(stop < MOST_STOPS, "Tab leads to the switch");
        await page.keyboard.press("Tab");
      }
      await page.keyboard.press("Enter");
      await link(page, names[1]).waitFor();
      assert.equal(await language(page), "zh-Hans");
      await page.waitForFunction(() => document.activeElement.id === "language");
      assert.deepEqual(await violations(page), []);
      await page.reload();
      await link(page, names[1]).waitFor();
      assert.equal(await language(page), "zh-Hans");
      await button.focus();
      await page.keyboard.press("Enter");
      await link(page, names[0]).waitFor();
      assert.deepEqual(page.problems, []);
    });
  }

  test("the lab goes on playing, and its cards keep what was typed and opened", async (context) => {
    const page = await (await browser(context, "en-US")).open(`${site.url}#/lab`);
    const card = page.locator("#client-0");
    const moment = () => page.locator(".transport input[type=range]").inputValue().then(Number);
    const isOpen = (name) => card.locator("details", { hasText: name }).first().evaluate((it) => it.open);
    await card.getByLabel("Payload").fill("half typed");
    await card.locator("summary", { hasText: "Publish" }).click();
    await card.locator("summary", { hasText: "Settings" }).click();
    await page.getByRole("button", { name: "Play", exact: true }).click();
    await page.getByRole("button", { name: /English\s*中文/ }).click();
    await page.getByRole("button", { name: "暂停", exact: true }).waitFor();
    const before = await moment();
    await page.waitForFunction((before) => document.querySelector(".transport input[type=range]").value > before, before);
    assert.equal(await isOpen("发布"), false);
    assert.equal(await isOpen("设置"), true);
    assert.equal(await card.getByLabel("载荷").inputValue(), "half typed");
    assert.deepEqual(page.problems, []);
  });

  test("what was typed stays, and a page that is opened later has the language too", async (context) => {
    const page = await (await browser(context, "en-US")).open(`${site.url}#/client`);
    await page.locator("#publish-payload").fill("typed in English");
    await page.getByRole("button", { name: /English\s*中文/ }).click();
    await link(page, "客户端").waitFor();
    assert.equal(await page.locator("#publish-payload").inputValue(), "typed in English");
    await page.setViewportSize({ width: 390, height: 844 });
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 390, `the page is ${width} px wide`);
    await link(page, "实验室").click();
    await page.locator(".main--lab").waitFor();
    await link(page, "实验室").waitFor();
  });
});
