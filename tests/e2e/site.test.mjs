// The built site as a static host serves it, before anybody connects anywhere.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { violations } from "./harness/axe.mjs";
import { Browser } from "./harness/browser.mjs";
import { Site } from "./harness/site.mjs";

const SMALLEST_WIDTH = 360;

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
