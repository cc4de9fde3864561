// Without a network, and with a new version: what the service worker is for. The server really stops.

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { Browser } from "./harness/browser.mjs";
import { Site } from "./harness/site.mjs";

describe("the kept site", { timeout: 120_000 }, () => {
  let site, browser;

  beforeEach(async () => {
    site = await Site.start({ path: "/a/folder/" });
    browser = await Browser.start();
  });

  afterEach(async () => {
    await browser?.dispose();
    await site?.dispose();
  });

  test("opens without a network, every page of it", async () => {
    const page = await kept(browser, site);
    await site.stop();
    page.problems.length = 0;
    for (const address of ["", "#/lab", "#/client", "#/course"]) {
      await page.goto("about:blank");
      await page.goto(site.url + address);
      await page.locator("main").waitFor();
    }
    await page.reload();
    await page.locator("main").waitFor();
    assert.deepEqual(page.problems, []);
  });

  test("runs the lab without a network", async () => {
    const page = await kept(browser, site);
    await site.stop();
    await page.goto("about:blank");
    await page.goto(`${site.url}#/lab`);
    await page.getByRole("listbox", { name: /Packets/ }).getByRole("option", { name: /CONNACK/ }).first().waitFor();
  });

  test("announces a new version, and goes on with the old one until it is asked", async () => {
    const page = await kept(browser, site);
    const before = await caches(page);
    await update(page, site, "second");
    const notice = page.getByRole("status").filter({ hasText: "new version" });
    await notice.waitFor();
    assert.equal((await caches(page)).length, 2, "both versions are there");

    await notice.getByRole("button", { name: "Later" }).click();
    await notice.waitFor({ state: "hidden" });
    await page.reload();
    await notice.waitFor();
    assert.equal(await version(page), null, "reloading forces nothing");

    await Promise.all([page.waitForEvent("load"), notice.getByRole("button", { name: "Use it now" }).click()]);
    await page.locator("main").waitFor();
    assert.equal(await version(page), "second");
    await page.waitForFunction(async () => (await window.caches.keys()).length === 1);
    assert.notDeepEqual(await caches(page), before);
    assert.deepEqual(page.problems, []);
  });

  test("can be installed: its manifest names what there is", async () => {
    const page = await browser.open(site.url);
    const href = await page.locator("link[rel=manifest]").getAttribute("href");
    const manifest = await (await fetch(new URL(href, site.url))).json();
    assert.equal(new URL(manifest.start_url, site.url).href, site.url);
    const sizes = [];
    for (const icon of manifest.icons) {
      const answer = await fetch(new URL(icon.src, site.url));
      assert.equal(answer.status, 200, icon.src);
      sizes.push(await size(page, icon.src));
      assert.equal(sizes.at(-1), icon.sizes, icon.src);
    }
    assert.ok(sizes.includes("192x192") && sizes.includes("512x512"), "the sizes that browsers ask for");
    assert.deepEqual(page.problems, []);
  });
});

/// A page of the site, which the browser has kept by now and which it serves itself.
async function kept(browser, site) {
  const page = await browser.open(site.url);
  await page.evaluate(async () => {
    const { active } = await navigator.serviceWorker.ready;
    while (active.state !== "activated") await new Promise((done) => active.addEventListener("statechange", done, { once: true }));
  });
  await page.reload();
  await page.locator("main").waitFor();
  assert.ok(await page.evaluate(() => navigator.serviceWorker.controller !== null));
  return page;
}

/// Puts a new version on the server, one whose document says which it is, and has the browser look.
async function update(page, site, name) {
  site.change("index.html", (text) => text.replace("<html ", `<html data-version="${name}" `));
  site.change("offline.js", (text) => text.replace(/const VERSION = ".*";/, `const VERSION = "${name}";`));
  await page.evaluate(async () => (await navigator.serviceWorker.ready).update());
}

function version(page) {
  return page.locator("html").getAttribute("data-version");
}

function caches(page) {
  return page.evaluate(() => window.caches.keys());
}

function size(page, src) {
  return page.evaluate(async (src) => {
    const image = new Image();
    image.src = src;
    await image.decode();
    return `${image.naturalWidth}x${image.naturalHeight}`;
  }, src);
}
