// What a lesson keeps: in another language, in another tab, and without storage.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { violations } from "./harness/axe.mjs";
import { Browser } from "./harness/browser.mjs";
import { until } from "./harness/net.mjs";
import { Site } from "./harness/site.mjs";

describe("what a lesson keeps", { timeout: 300_000 }, () => {
  let site, browser;

  before(async () => {
    site = await Site.start();
    browser = await Browser.start({ viewport: { width: 1440, height: 900 }, locale: "en-US" });
  });

  after(async () => {
    await browser?.dispose();
    await site?.dispose();
  });

  /// Opens a page of the course, in English. `settings` are those of `Browser.open`.
  async function open(context, address, settings) {
    const page = await browser.open(`${site.url}#/course${address}`, settings);
    context.after(() => page.close());
    if ((await page.evaluate(() => document.documentElement.lang)) !== "en") await change(page, "en");
    return page;
  }

  test("the prediction, its run and the moment in another language", async (context) => {
    const page = await open(context, "/qos-2");
    await page.getByLabel("Speed").selectOption("1");
    await page.getByRole("radio", { name: /closes the connection/ }).check();
    await page.getByRole("button", { name: "Run it" }).click();
    await page.getByText("It is running. Watch the lab.").waitFor();
    // In the middle of the run.
    await change(page, "zh-Hans");
    await page.locator(".predict__running").waitFor();
    await change(page, "en");
    await page.getByLabel("Speed").selectOption("100");
    await page.getByText("Not quite. Here is what happened:").waitFor();
    await quiet(page);
    const moment = await page.getByLabel("Moment").inputValue();
    const hint = page.locator(".goal details").first();
    await hint.locator("summary").click();
    await page.getByRole("tab", { name: "subscriber" }).click();
    await change(page, "zh-Hans");
    await page.locator(".verdict--wrong").waitFor();
    assert.equal(await page.locator("#predict input:checked").inputValue(), "closed");
    assert.equal(await page.locator(".transport input[type=range]").inputValue(), moment);
    assert.equal(await hint.getAttribute("open"), "");
    assert.equal(await page.locator('[role="tab"][aria-selected="true"]').innerText(), "subscriber");
    assert.deepEqual(page.problems, []);
  });

  for (const [slug, use] of [
    ["downgrade", (page) => page.getByRole("button", { name: "Run what is missing" }).click()],
    ["cost", async (page) => {
      await page.locator("#instrument").getByLabel("Latency, ms").fill("250");
      await page.getByRole("button", { name: "many" }).click();
    }],
    ["choosing", (page) => page.locator(".case").first().getByLabel("QoS 1").check()],
    ["exhaustion", (page) => page.getByRole("button", { name: "Play every world" }).click()],
    ["for-real", async (page) => {
      await page.locator("#instrument").getByRole("button", { name: "QoS 2" }).click();
      await page.getByLabel("Readings").fill("7");
      await page.getByRole("button", { name: "rumqttc" }).click();
    }],
  ]) {
    test(`the instrument of the lesson ${slug} in another language`, async (context) => {
      const page = await open(context, `/${slug}`);
      await page.getByLabel("Speed").selectOption("100");
      const before = await shown(page);
      await use(page);
      await until(async () => !(await page.locator("#instrument button[disabled]").count()) || slug === "exhaustion", "it is done");
      await still(page);
      const after = await shown(page);
      assert.notDeepEqual(after, before);
      await change(page, "zh-Hans");
      assert.deepEqual(await shown(page), after);
      assert.deepEqual(page.problems, []);
    });
  }

  test("a lesson over a look into the glossary", async (context) => {
    const page = await open(context, "/qos-2");
    await page.getByRole("radio", { name: /closes the connection/ }).check();
    await page.getByRole("link", { name: "session" }).first().click();
    await page.locator("#term-session").waitFor();
    await page.goBack();
    await page.locator(".lesson").waitFor();
    assert.equal(await page.locator("#predict input:checked").inputValue(), "closed");
  });

  test("the proof starts over in another version, with pairs of cuts, and can be stopped", async (context) => {
    const page = await open(context, "/exhaustion");
    const instrument = page.locator("#instrument");
    const total = async () => Number(/of (\d+) worlds/.exec(await instrument.locator(".goals__count").innerText())[1]);
    const finish = async () => {
      await instrument.getByText("Each level did what it promises").waitFor({ timeout: 120_000 });
      return total();
    };
    // Worlds of one cut are so few that they would be over before the version changes.
    let frames = await holdFrames(page);
    await instrument.getByRole("button", { name: "Play every world" }).click();
    await until(async () => {
      await frames.draw();
      return (await total()) > 0;
    }, "it runs");
    await page.locator(".versions").getByRole("button", { name: "3.1.1" }).click();
    await frames.release();
    const older = await finish();
    await page.locator(".versions").getByRole("button", { name: "5.0" }).click();
    await instrument.getByRole("button", { name: "Play every world" }).click();
    assert.notEqual(await finish(), older, "each version has bytes of its own");
    await instrument.getByRole("button", { name: "two" }).click();
    frames = await holdFrames(page);
    await instrument.getByRole("button", { name: "Play every world" }).click();
    // The first worlds only tell where a second cut can be.
    await until(async () => {
      await frames.draw();
      return !/^0 of/.test(await instrument.locator(".goals__count").innerText());
    }, "worlds are counted", 60_000);
    await instrument.getByRole("button", { name: "Pause" }).click();
    const paused = await instrument.innerText();
    await frames.draw();
    assert.equal(await instrument.innerText(), paused);
    await instrument.getByRole("button", { name: "Continue" }).click();
    await frames.draw();
    assert.notEqual(await instrument.innerText(), paused);
    await frames.release();
    await finish();
    await instrument.locator(".counts .try").last().click();
    await page.getByText("A run of the instrument below the text").waitFor();
  });

  test("what two tabs did, each of them", async (context) => {
    const [one, two] = [await open(context, "/downgrade"), await open(context, "/exhaustion")];
    for (const page of [one, two]) {
      // What is in the background draws no frames.
      await page.bringToFront();
      await solveFirst(page);
    }
    await two.goto(`${site.url}#/course`);
    for (const page of [two, await open(context, "")]) {
      for (const slug of ["downgrade", "exhaustion"]) {
        await entry(page, slug).getByText(/goals [1-9]/).waitFor();
      }
    }
  });

  for (const [name, deny] of Object.entries({ throws: denyStorage, "is missing": removeStorage })) {
    test(`without storage, which ${name}, the course works, says so once, and offers a file`, async (context) => {
      const page = await open(context, "/downgrade", { first: deny });
      const warning = page.locator(".keeping__warning");
      await warning.waitFor();
      assert.deepEqual(await violations(page), []);
      await solveFirst(page);
      const download = page.waitForEvent("download");
      await warning.getByRole("button", { name: "Save my progress" }).click();
      assert.match(await readFile(await (await download).path(), "utf8"), /\nreached downgrade /);
      await warning.getByRole("button", { name: "I understand" }).click();
      await warning.waitFor({ state: "detached" });
      await page.getByRole("link", { name: "Next" }).click();
      await page.waitForURL("**/nobody-home");
      assert.equal(await warning.count(), 0, "it is said once");
      await page.goto(`${site.url}#/course`);
      await entry(page, "downgrade").getByText(/goals [1-9]/).waitFor();
      await change(page, "zh-Hans");
      assert.deepEqual(page.problems, []);
    });
  }

  test("a broken file of progress changes nothing and says which line", async (context) => {
    const page = await open(context, "");
    const before = await page.locator(".lessons").innerText();
    const file = (text) => ({ name: "progress.txt", mimeType: "text/plain", buffer: Buffer.from(text) });
    await page.getByLabel("Import").setInputFiles(file("fourstep progress 1\nread qos-2\nread <b>\n"));
    await page.getByText("Line 3 of the file can’t be read.").waitFor();
    await page.getByLabel("Import").setInputFiles(file("\u0000\u0001 nothing"));
    await page.getByText("This isn’t a progress file").waitFor();
    assert.equal(await page.locator(".lessons").innerText(), before);
  });
});

/// Changes the language of the page.
async function change(page, tag) {
  await page.getByRole("button", { name: /English\s*中文/ }).click();
  await page.waitForFunction((tag) => document.documentElement.lang === tag, tag);
}

/// What the instrument shows, but for words: numbers in tables, fields, buttons that are pressed, code.
function shown(page) {
  return page.locator("#instrument").evaluate((instrument) => ({
    cells: [...instrument.querySelectorAll("td")].map((cell) => cell.textContent.replace(/\D+/g, " ").trim()),
    fields: [...instrument.querySelectorAll("input")].map((field) => field.checked || field.value),
    pressed: [...instrument.querySelectorAll("[aria-pressed]")].map((button) => button.getAttribute("aria-pressed")),
    verdicts: instrument.querySelectorAll(".verdict").length,
    code: instrument.querySelector("code")?.textContent,
  }));
}

/// Waits until the instrument shows the same for some frames.
async function still(page) {
  let last = null;
  await until(async () => {
    const now = JSON.stringify(await shown(page));
    const same = now === last;
    last = now;
    await page.evaluate(() => new Promise((done) => setTimeout(done, 300)));
    return same;
  }, "the instrument is done", 60_000);
}

/// Holds the page's animation frames until they are drawn one by one, and lets so much time pass that
/// each holds one piece of work only.
async function holdFrames(page) {
  await page.evaluate(() => {
    const { requestAnimationFrame } = window;
    const now = performance.now.bind(performance);
    let passed = 0;
    window.held = [];
    window.requestAnimationFrame = (callback) => window.held.push(callback);
    performance.now = () => {
      passed += 1_000;
      return now() + passed;
    };
    window.draw = () => window.held.splice(0).forEach((callback) => callback(performance.now()));
    window.release = () => {
      const last = passed;
      Object.assign(window, { requestAnimationFrame });
      performance.now = () => now() + last;
      window.held.splice(0).forEach((callback) => requestAnimationFrame(callback));
    };
  });
  return { draw: () => page.evaluate(() => window.draw()), release: () => page.evaluate(() => window.release()) };
}

async function quiet(page) {
  await page.getByRole("group", { name: "Time" }).locator("output").filter({ hasText: "quiet" }).waitFor();
}

/// Has the first goal of a lesson reached, which is one of its instrument.
async function solveFirst(page) {
  const goal = page.locator(".goal").first();
  await goal.getByRole("button", { name: "Solve" }).click();
  await goal.locator('.goal__mark[data-state="reached"]').waitFor({ timeout: 60_000 });
}

/// A lesson in the contents.
function entry(page, slug) {
  return page.getByRole("listitem").filter({ has: page.locator(`a[href="#/course/${slug}"]`) });
}

/// Storage as it is where a person has forbidden it.
function denyStorage() {
  const denied = { get: () => { throw new DOMException("denied", "SecurityError"); } };
  for (const name of ["localStorage", "sessionStorage", "indexedDB"]) Object.defineProperty(window, name, denied);
}

/// A browser without any.
function removeStorage() {
  for (const name of ["localStorage", "sessionStorage", "indexedDB"]) Object.defineProperty(window, name, { value: undefined });
}
