// The pages: each is fetched when it is first opened, and goes on while another is shown.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { violations } from "./harness/axe.mjs";
import { Broker } from "./harness/broker.mjs";
import { Browser } from "./harness/browser.mjs";
import { LabPage } from "./harness/lab.mjs";
import { ClientPage } from "./harness/page.mjs";
import { Site } from "./harness/site.mjs";

/// The module that shows a page. Opening the page fetches no other.
const MODULES = {
  "": "fourstep",
  "#/": "fourstep",
  "#/nonsense": "fourstep",
  "#/lab": "classroom",
  "#/course": "classroom",
  "#/client": "client",
};

describe("the pages", { timeout: 120_000 }, () => {
  let site, browser;

  before(async () => {
    site = await Site.start({ path: "/deep/path/" });
    browser = await Browser.start();
  });

  after(async () => {
    await browser?.dispose();
    await site?.dispose();
  });

  for (const [address, module] of Object.entries(MODULES)) {
    test(`${address || "no fragment"} takes the module ${module} alone`, async (context) => {
      const tab = await browser.open(site.url + address);
      context.after(() => tab.close());
      await tab.waitForLoadState("networkidle");
      assert.deepEqual(modulesOf(tab), [module]);
      assert.deepEqual(tab.problems, []);
    });
  }

  test("a module is fetched when its page is first opened, and once", async (context) => {
    const tab = await browser.open(site.url);
    context.after(() => tab.close());
    for (const name of ["Lab", "Client", "Lab", "Client"]) {
      await open(tab, name);
      await tab.locator("#packets").waitFor();
    }
    await tab.getByRole("link", { name: "Fourstep" }).click();
    await tab.getByRole("heading", { level: 2 }).first().waitFor();
    assert.deepEqual(modulesOf(tab), ["classroom", "client", "fourstep"]);
    const files = tab.requested.filter((url) => url.endsWith(".wasm"));
    assert.equal(new Set(files).size, files.length);
    assert.deepEqual(tab.problems, []);
  });

  const TITLES = [
    ["en-GB", "", "Fourstep"],
    ["en-GB", "#/client", "Client · Fourstep"],
    ["en-GB", "#/lab", "Ready to publish · Lab · Fourstep"],
    ["en-GB", "#/course", "Course · Fourstep"],
    ["en-GB", "#/course/qos-2", "QoS 2, exactly once · Course · Fourstep"],
    ["en-GB", "#/course/glossary/session", "Glossary · Course · Fourstep"],
    ["zh-CN", "#/course/qos-2", "QoS 2：恰好一次 · 课程 · Fourstep"],
    ["zh-CN", "#/course/glossary", "术语表 · 课程 · Fourstep"],
  ];
  test("the title says which lesson, which set-up, and which page it is, in both languages", async (context) => {
    for (const locale of ["en-GB", "zh-CN"]) {
      const person = await Browser.start({ locale });
      context.after(() => person.dispose());
      const tab = await person.open(site.url);
      for (const [, address, title] of TITLES.filter(([of]) => of === locale)) {
        await tab.goto(site.url + address);
        await tab.waitForFunction((title) => document.title === title, title).catch(async () => assert.equal(await tab.title(), title));
      }
    }
  });

  test("the focus stays at the link that led to the page", async (context) => {
    const tab = await browser.open(site.url);
    context.after(() => tab.close());
    for (const name of ["Lab", "Client", "Lab"]) {
      await open(tab, name);
      await tab.locator("header a[aria-current=page]:focus").getByText(name, { exact: true }).waitFor();
    }
  });

  test("a module that cannot be fetched is told, and can be asked for again", async (context) => {
    // One that has kept nothing of the site yet.
    const newcomer = await Browser.start();
    context.after(() => newcomer.dispose());
    const tab = await newcomer.open(site.url);
    await tab.context().setOffline(true);
    await follow(tab, "Lab");
    const alert = tab.getByRole("alert");
    await alert.filter({ hasText: "could not be loaded" }).waitFor();
    assert.deepEqual(await violations(tab), []);
    assert.equal(await tab.locator("main").count(), 1, "the page that was there stays");
    await alert.getByRole("button", { name: "Try again" }).click();
    await alert.waitFor();
    await tab.context().setOffline(false);
    await alert.getByRole("button", { name: "Try again" }).click();
    await tab.locator("#packets").waitFor();
    assert.equal(await alert.count(), 0);
    assert.equal(await tab.locator("main").count(), 1);
    await open(tab, "Client");
    await tab.getByRole("region", { name: "Connect" }).waitFor();
  });

  test("a connection and the lab go on while another page is shown", async (context) => {
    const broker = await Broker.start();
    context.after(() => broker.dispose());
    const page = await ClientPage.open(browser, site);
    context.after(() => page.tab.close());
    await page.connected({ url: broker.webSocketUrl, version: 5, clientIdentifier: "goes-on", clean: true });
    await page.subscribe("goes/on", 1);
    await open(page.tab, "Lab");
    const lab = new LabPage(page.tab);
    await lab.show("QoS 1, at least once");
    const transcript = await lab.transcript();
    assert.equal(await page.tab.locator("main").count(), 1);
    await open(page.tab, "Client");
    await page.reaches("Connected");
    await page.publish({ topic: "goes/on", payload: "still here", qos: 1 });
    await page.receives(1);
    await open(page.tab, "Lab");
    assert.deepEqual(await lab.transcript(), transcript);
    assert.deepEqual(page.problems, []);
  });
});

/// Follows a link of the header, by keyboard, and waits for its page.
async function open(tab, name) {
  await follow(tab, name);
  await tab.locator("header a[aria-current=page]").getByText(name, { exact: true }).waitFor();
}

async function follow(tab, name) {
  await tab.getByRole("navigation", { name: "Pages" }).getByRole("link", { name, exact: true }).press("Enter");
}

/// The modules that were fetched.
function modulesOf(tab) {
  const names = tab.requested.map((url) => /\/(\w+)-\w+_bg\.wasm$/.exec(url)?.[1]).filter(Boolean);
  return [...new Set(names)].sort();
}
