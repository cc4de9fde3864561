// The page in Chinese says nothing in English: not in its text, and not in the names that a screen
// reader reads. What stays English is what CONTRIBUTING.md lists: names of the specification, what a
// peer or a person wrote, and code.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Broker } from "./harness/broker.mjs";
import { Browser } from "./harness/browser.mjs";
import { freePort } from "./harness/net.mjs";
import { Site } from "./harness/site.mjs";

// Where the text of others stands: names of fields, topics and payloads, names of reason codes, what
// a person named, and prose of the lessons, which has a test of its own.
const FOREIGN = [
  "script, style, noscript, code, pre, kbd, [lang=en], [hidden]",
  ".arrow__detail, .arrow__problem, .field-row__name, .field-row__value, .hex__ascii",
  ".delivery__topic, .delivery__payload, .table__topic, .lane__name, .prose, .language",
].join(", ");
// Names of participants and of programs, and parts of addresses.
const NAMES = /\bfourstep-\w+|\b(publisher|subscriber|worker|mosquitto|fourstep|mqtt|localhost|https?|wss?)\b/g;
// Names of reason codes, with their numbers or as they stand in a list.
const REASONS = /[A-Z][A-Za-z]+( [A-Za-z]+)* \(0x[0-9A-F]{2}\)|No matching subscribers|Not authorized/g;

describe("the page in Chinese", { timeout: 180_000 }, () => {
  let site;
  let browser;

  before(async () => {
    site = await Site.start();
    browser = await Browser.start({ locale: "zh-CN" });
  });

  after(async () => {
    await browser?.dispose();
    await site?.dispose();
  });

  const button = (page, name) => page.getByRole("button", { name, exact: true });

  /// Opens what can be opened.
  async function disclose(page) {
    const closed = page.locator("details:not([open]) > summary");
    while ((await closed.count()) > 0) await closed.first().click();
  }

  test("a sentence in English would be found", async () => {
    const page = await browser.open(site.url);
    assert.deepEqual(await english(page), []);
    const slips = ["The broker is gone.", "取消 subscription", "running"];
    await page.evaluate((slips) => {
      const main = document.querySelector("main");
      slips.forEach((text) => main.append(text));
      main.title = "Packets and bytes";
    }, slips);
    assert.deepEqual(await english(page), [...slips, "Packets and bytes"]);
    await page.close();
  });

  test("the front page, the contents and the glossary", async () => {
    for (const address of ["", "#/course", "#/course/glossary", "#/course/qos-2"]) {
      const page = await browser.open(site.url + address);
      assert.match(await page.title(), /Fourstep/);
      assert.deepEqual(await english(page), [], address);
      await page.close();
    }
  });

  test("the lab, with every set-up played to its end", async () => {
    const page = await browser.open(`${site.url}#/lab`);
    const chosen = page.locator("#set-up select");
    const ids = await chosen.locator("option").evaluateAll((options) => options.map((it) => it.value));
    assert.ok(ids.length > 10);
    await disclose(page);
    for (const id of ids) {
      await chosen.selectOption(id);
      await runUntilQuiet(page);
      assert.deepEqual(await english(page), [], id);
    }
    await button(page, "显示为文本").click();
    await page.locator(".transcript__line").first().waitFor();
    assert.deepEqual(await english(page), []);
  });

  test("what happens when something breaks", async () => {
    const page = await browser.open(`${site.url}#/lab`);
    await disclose(page);
    const faults = ["切断连接", "网络中断 5 秒", "半开", "停滞 2 秒", "崩溃，存储保留", "崩溃，存储丢失", "重启，存储保留", "重启，存储丢失"];
    await runUntilQuiet(page);
    for (const fault of faults) {
      await button(page, fault).first().click();
      await runUntilQuiet(page);
      assert.deepEqual(await english(page), [], fault);
    }
    await button(page, "显示为文本").click();
    await page.locator(".transcript__line").first().waitFor();
    assert.deepEqual(await english(page), []);
  });

  test("what could have happened instead, and what came of it", async () => {
    const page = await browser.open(`${site.url}#/lab`);
    await page.locator("#set-up select").selectOption("qos-2");
    await runUntilQuiet(page);
    await page.locator(".rows").focus();
    for (let at = 0; at < 8; at++) {
      await page.keyboard.press("ArrowUp");
      assert.deepEqual(await english(page), []);
    }
    await page.keyboard.press("c");
    const entries = page.locator(".what-if__entry");
    for (let index = 0; index < (await entries.count()); index++) {
      await entries.nth(index).hover();
      assert.deepEqual(await english(page), [], await entries.nth(index).innerText());
    }
    await entries.first().click();
    await page.locator(".account__change").waitFor();
    assert.deepEqual(await english(page), []);
  });

  test("what is wrong with a link or with an address, and a broker that does not answer", async () => {
    const page = await browser.open(`${site.url}#/lab/nonsense`);
    await page.locator("#set-up .notice--bad").waitFor();
    assert.deepEqual(await english(page), []);
    await page.goto(`${site.url}#/client`);
    await page.locator("#url").waitFor();
    await disclose(page);
    assert.deepEqual(await english(page), []);
    for (const address of ["", "localhost:99999", "http://localhost", "mqtt://localhost", "ws://localhost:0"]) {
      await page.locator("#url").fill(address);
      await button(page, "连接").click();
      await page.locator(".field__error").first().waitFor();
      assert.deepEqual(await english(page), [], address);
    }
    await page.locator("#url").fill(`ws://localhost:${await freePort()}/mqtt`);
    await button(page, "连接").click();
    await page.locator(".hints").waitFor();
    assert.deepEqual(await english(page), []);
  });

  test("the client with a real broker", async (context) => {
    const broker = await Broker.start();
    context.after(() => broker.dispose());
    const page = await browser.open(`${site.url}#/client`);
    await page.locator("#url").fill(broker.webSocketUrl);
    await button(page, "连接").click();
    await page.locator(".status[data-state=on]").waitFor();
    await button(page, "订阅").click();
    await page.locator(".subscription[data-grant=full]").waitFor();
    await button(page, "发送").click();
    await page.locator("#inbox [role=option]").first().waitFor();
    await disclose(page);
    assert.deepEqual(await english(page), []);
    await button(page, "断开").click();
    await page.locator(".status[data-state=off]").waitFor();
    assert.deepEqual(await english(page), []);
  });
});

async function runUntilQuiet(page) {
  await page.getByRole("button", { name: "运行到静止" }).click();
  await page.locator(".transport__state", { hasText: "已静止" }).waitFor();
}

/// What the page says in English: texts and names in which a word of small letters is left, once
/// everything that stays English is taken away.
async function english(page) {
  const said = await page.evaluate((foreign) => {
    const all = [document.title];
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const node = texts.currentNode;
      if (!node.parentElement.closest(foreign)) all.push(node.data.trim());
    }
    for (const name of ["aria-label", "title", "placeholder", "alt", "aria-description"]) {
      for (const element of document.querySelectorAll(`[${name}]`)) {
        if (!element.closest("[lang=en]")) all.push(element.getAttribute(name));
      }
    }
    return [...new Set(all)];
  }, FOREIGN);
  return said.filter((text) => {
    const plain = text
      .replace(/"[^"]*"|“[^”]*”/g, "")
      .replace(REASONS, "")
      .replace(/\S*[/#+.:@]\S*/g, "")
      .replace(NAMES, "");
    return /(?<![A-Za-z-])[a-z]{3,}/.test(plain) || /[A-Za-z]+( [A-Za-z]+){3,}/.test(plain);
  });
}
