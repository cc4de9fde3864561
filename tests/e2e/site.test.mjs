// The built site as a static host serves it, before anybody connects anywhere.

import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { violations } from "./harness/axe.mjs";
import { Browser } from "./harness/browser.mjs";
import { Site } from "./harness/site.mjs";

const SMALLEST_WIDTH = 360;
const DIST = new URL("../../dist/", import.meta.url);

describe("the built site", { timeout: 60_000 }, () => {
  let site, browser;

  before(async () => {
    site = await Site.start({ path: "/some/deep/path/" });
    browser = await Browser.start();
  });

  after(async () => {
    await browser?.dispose();
    await site?.dispose();
  });

  test("starts from a sub-path without an error or a warning", async () => {
    const page = await browser.open(site.url);
    await page.getByRole("heading", { level: 1 }).waitFor();
    assert.deepEqual(page.problems, []);
  });

  test("starts from its index.html, and with a query and a fragment", async () => {
    for (const suffix of ["index.html", "?a=b", "#c", "index.html?a=b#c"]) {
      const page = await browser.open(site.url + suffix);
      await page.getByRole("heading", { level: 1 }).waitFor();
      assert.deepEqual(page.problems, [], suffix);
    }
  });

  test("asks for nothing outside its own folder", async () => {
    const page = await browser.open(site.url);
    await page.waitForLoadState("networkidle");
    assert.ok(page.requested.some((url) => url.endsWith(".wasm")));
    assert.deepEqual(page.requested.filter((url) => !url.startsWith(site.url)), []);
  });

  test("has compressed files beside its own, which are the same when they are unpacked", async () => {
    const names = (await readdir(DIST)).filter((name) => /\.(html|js|wasm|css|po)$/.test(name));
    assert.ok(names.length >= 10, `${names}`);
    for (const name of names) {
      const file = await readFile(new URL(name, DIST));
      if (file.length <= 1024) continue;
      for (const [extension, unpack] of [[".gz", gunzipSync], [".br", brotliDecompressSync]]) {
        const packed = await readFile(new URL(name + extension, DIST));
        assert.ok(packed.length < file.length, name + extension);
        assert.ok(unpack(packed).equals(file), name + extension);
      }
    }
    const worker = await readFile(new URL("offline.js", DIST), "utf8");
    assert.doesNotMatch(worker, /\.(gz|br)"/, "the browser keeps none of them");
  });

  test("brings the course in a third of its size from a host that serves those", async () => {
    const sizes = [];
    for (const compressed of [false, true]) {
      const host = await Site.start({ compressed });
      const newcomer = await Browser.start();
      const page = await newcomer.open(`${host.url}#/course`);
      const fetched = await page.evaluate(() => performance.getEntriesByType("resource")
        .filter(({ name }) => /classroom|style|boot/.test(name)).map(({ encodedBodySize }) => encodedBodySize));
      sizes.push(fetched.reduce((sum, size) => sum + size, 0));
      assert.deepEqual(page.problems, []);
      await newcomer.dispose();
      await host.dispose();
    }
    const [plain, packed] = sizes;
    assert.ok(plain > 1_000_000 && packed < plain * 0.4, `${plain} bytes, and ${packed} compressed`);
  });

  test("has a policy that allows no inline script, no inline style and no eval", async () => {
    const page = await browser.open(site.url);
    const policy = page.locator('meta[http-equiv="Content-Security-Policy"]');
    const content = await policy.getAttribute("content");
    assert.match(content, /script-src 'self' 'wasm-unsafe-eval'(;|$)/);
    assert.doesNotMatch(content, /unsafe-inline|'unsafe-eval'|https?:|\*/);
    const ran = await page.evaluate(async () => {
      const script = document.createElement("script");
      script.textContent = "window.inlineScriptRan = true";
      document.body.append(script);
      // In a callback, because what Playwright evaluates is itself exempt from the policy.
      const evaluated = await new Promise((resolve) => {
        setTimeout(() => {
          try {
            resolve(new Function("return true")());
          } catch {
            resolve(false);
          }
        });
      });
      return { inline: window.inlineScriptRan === true, eval: evaluated };
    });
    assert.deepEqual(ran, { inline: false, eval: false });
  });

  for (const colorScheme of ["light", "dark"]) {
    test(`has no accessibility fault that axe finds, ${colorScheme}`, async () => {
      const page = await browser.open(site.url);
      await page.emulateMedia({ colorScheme });
      assert.deepEqual(await violations(page), []);
    });
  }

  test(`needs no sideways scrolling at ${SMALLEST_WIDTH} px`, async () => {
    const page = await browser.open(site.url);
    await page.setViewportSize({ width: SMALLEST_WIDTH, height: 800 });
    const scrollWidth = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(scrollWidth <= SMALLEST_WIDTH, `the page is ${scrollWidth} px wide`);
  });
});
