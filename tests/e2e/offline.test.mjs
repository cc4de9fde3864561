// Without a network, and with a new version: what the service worker is for. The server really stops.

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Browser } from "./harness/browser.mjs";
import { until } from "./harness/net.mjs";
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

  for (const redirects of [true, false]) {
    const host = redirects ? "a host that redirects index.html" : "a plain host";

    test(`opens again and without a network on ${host}, by each of its addresses`, async () => {
      await site.dispose();
      site = await Site.start({ path: "/a/folder/", redirects });
      const page = await kept(browser, site);
      for (const address of ["", "?from=a-link", "index.html", "index.html?from=a-link#/lab"]) {
        await page.goto("about:blank");
        await page.goto(site.url + address);
        await page.locator("main").waitFor();
      }
      await site.stop();
      page.problems.length = 0;
      for (const address of ["", "?from=a-link", "index.html", "index.html?from=a-link#/lab"]) {
        await page.goto("about:blank");
        await page.goto(site.url + address);
        await page.locator("main").waitFor();
      }
      assert.deepEqual(page.problems, []);
    });

    test(`leaves other applications and missing pages below its folder to ${host}`, async () => {
      await site.dispose();
      site = await Site.start({ path: "/a/folder/", redirects });
      site.add("other/index.html", "<!DOCTYPE html><title>Another application</title>");
      site.add("other/manifest.webmanifest", "another manifest");
      site.add("page.html", "<!DOCTYPE html><title>Another page</title>");
      const page = await kept(browser, site);
      for (const [address, title] of [["other/", "Another application"], ["other/?index.html", "Another application"], ["page.html", "Another page"]]) {
        const answer = await page.goto(site.url + address);
        assert.equal(await page.title(), title, address);
        assert.equal(answer.fromServiceWorker(), false, address);
      }
      await page.goto(`${site.url}other/`);
      assert.equal(await text(page, "manifest.webmanifest"), "another manifest");
      const missing = await page.goto(`${site.url}missing`);
      assert.equal(missing.status(), 404);
      await page.getByRole("heading", { name: "Not found" }).waitFor();
    });
  }

  test("takes the place of a worker that cannot open the site", async () => {
    await site.dispose();
    site = await Site.start({ path: "/a/folder/", redirects: true });
    site.change("offline.js", before);
    const page = await browser.open(site.url);
    await active(page);
    await assert.rejects(page.goto(`${site.url}?again`), "the worker before breaks the second visit");

    // A while after each visit, successful or not, the browser looks for a new worker.
    site.restore("offline.js");
    const opens = async () => {
      await sleep(3_000);
      return page.goto(site.url).then(() => true, () => false);
    };
    await until(opens, "the site opens again", 60_000);
    await page.locator("main").waitFor();
    assert.ok(await page.evaluate(() => navigator.serviceWorker.controller !== null));
    const isAlone = async () => (await caches(page)).every((name) => !name.endsWith(" before"));
    await until(isAlone, "what the worker before kept is gone");
  });

  test("takes the place of a worker that answered for other applications, when the person asks for it", async () => {
    site.change("offline.js", before);
    site.add("other/index.html", "<!DOCTYPE html><title>Another application</title>");
    const page = await kept(browser, site);
    site.restore("offline.js");
    await page.evaluate(async () => (await navigator.serviceWorker.ready).update());
    const notice = page.getByRole("status").filter({ hasText: "new version" });
    await Promise.all([page.waitForEvent("load"), notice.getByRole("button", { name: "Use it now" }).click()]);
    await page.goto(`${site.url}other/`);
    assert.equal(await page.title(), "Another application");
  });

  test("keeps nothing of an upload that is half done", async () => {
    const page = await kept(browser, site);
    const first = await caches(page);
    // The new service worker and the new style are there, the document is still the one before.
    site.change("offline.js", (text) => text.replace(/"style-[0-9a-f]{16}\.css"/, '"style-0123456789abcdef.css"').replace(/const VERSION = ".*";/, 'const VERSION = "half";'));
    site.add("style-0123456789abcdef.css", "");
    assert.equal(await installs(page), false);
    // A host that has a page for whatever it does not have.
    site.change("offline.js", (text) => text.replace('"engine.po"', '"other/"').replace(/const VERSION = ".*";/, 'const VERSION = "pages";'));
    site.add("other/index.html", "<!DOCTYPE html>");
    assert.equal(await installs(page), false);
    assert.deepEqual(await caches(page), first);
    await page.reload();
    await page.locator("main").waitFor();
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
  await active(page);
  await page.reload();
  await page.locator("main").waitFor();
  assert.ok(await page.evaluate(() => navigator.serviceWorker.controller !== null));
  return page;
}

/// Waits until the browser has kept the site.
function active(page) {
  return page.evaluate(async () => {
    const { active } = await navigator.serviceWorker.ready;
    while (active.state !== "activated") await new Promise((done) => active.addEventListener("statechange", done, { once: true }));
  });
}

/// Has the browser look for a new version: whether it could be installed.
function installs(page) {
  return page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    await registration.update();
    const worker = registration.installing ?? registration.waiting;
    while (worker.state === "installing") await new Promise((done) => worker.addEventListener("statechange", done, { once: true }));
    return worker.state === "installed";
  });
}

/// The service worker of versions before: it kept index.html under that name, redirected or not, and
/// answered every navigation below its folder with it.
function before(text) {
  const [, files] = /const FILES = \[(.*)\];/.exec(text);
  return `
    const CACHE = "fourstep " + new URL(self.registration.scope).pathname + " before";
    addEventListener("install", (event) => event.waitUntil(keep()));
    addEventListener("fetch", (event) => event.respondWith(answer(event.request)));
    addEventListener("message", () => self.skipWaiting());
    async function keep() {
      await (await caches.open(CACHE)).addAll(["index.html",${files}]);
    }
    async function answer(request) {
      const cache = await caches.open(CACHE);
      const wanted = request.mode === "navigate" ? "index.html" : request;
      return (await cache.match(wanted, { ignoreSearch: true })) ?? fetch(request);
    }`;
}

/// What the server has at an address.
function text(page, address) {
  return page.evaluate(async (address) => (await fetch(address)).text(), address);
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
