// The course, as a learner walks through it.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { violations } from "./harness/axe.mjs";
import { Browser } from "./harness/browser.mjs";
import { LabPage } from "./harness/lab.mjs";
import { until } from "./harness/net.mjs";
import { Site } from "./harness/site.mjs";

/// The lessons, by the last part of their address, in order.
const LESSONS = [
  "message", "two-deliveries", "qos-0", "qos-1", "qos-2", "memory", "downgrade", "nobody-home",
  "retry", "order", "retained-and-will", "cost", "choosing", "exhaustion", "for-real",
];

describe("the course", { timeout: 600_000 }, () => {
  let site, browser;

  before(async () => {
    site = await Site.start();
    browser = await Browser.start({ viewport: { width: 1440, height: 900 } });
  });

  after(async () => {
    await browser?.dispose();
    await site?.dispose();
  });

  /// Opens a page of the course; a lesson plays a hundred times as fast as life.
  async function open(context, address) {
    const page = await browser.open(`${site.url}#/course${address}`);
    context.after(() => page.close());
    const speed = page.getByLabel("Speed");
    if (await speed.count()) await speed.selectOption("100");
    return page;
  }

  for (const [locale, tag] of [["en", "en"], ["zh-CN", "zh-Hans"]]) {
    test(`a learner goes through all lessons by keyboard alone, ${tag}`, async (context) => {
      const words = await messages(tag);
      const learner = await Browser.start({ viewport: { width: 1440, height: 900 }, locale });
      context.after(() => learner.dispose());
      const page = await learner.open(`${site.url}#/course`);
      assert.equal(await page.locator("html").getAttribute("lang"), tag);
      await press(page, page.getByRole("link", { name: words.begin.replace("{lesson}", "").trim() }));
      for (const [index, slug] of LESSONS.entries()) {
        await page.waitForURL(`**/#/course/${slug}`);
        const place = words.lesson_of.replace("{number}", index + 1).replace("{count}", LESSONS.length);
        await page.locator(".lesson__number").getByText(place).waitFor();
        await page.getByLabel(words.speed).selectOption("100");
        await predict(page, words);
        await solve(page, words);
        const next = index + 1 < LESSONS.length ? words.next : words.to_contents;
        await press(page, page.locator(".neighbors").getByRole("link", { name: next }));
      }
      for (const slug of LESSONS) {
        const item = page.getByRole("listitem").filter({ has: page.locator(`a[href="#/course/${slug}"]`) });
        await item.getByText(new RegExp(`^(${words.mark_predicted}|${words.mark_right})$`)).waitFor();
        await item.getByText(words.mark_read, { exact: true }).waitFor();
      }
      assert.deepEqual(page.problems, []);
    });
  }

  test("a sentence lights up when its packet arrives, and lights up its packet", async (context) => {
    const page = await open(context, "/qos-2");
    const sentence = page.getByRole("button", { name: "The broker notes the identifier and answers with PUBREC" });
    await page.getByLabel("Moment").press("Home");
    assert.ok(!(await classes(sentence)).includes("sentence--lit"));
    for (let steps = 0; !(await classes(sentence)).includes("sentence--lit"); steps += 1) {
      assert.ok(steps < 100, "PUBREC never came");
      await page.getByRole("button", { name: "Step", exact: true }).click();
    }
    const row = page.getByRole("option", { name: /PUBREC from broker to publisher/ });
    await sentence.hover();
    await page.locator(".row--spoken").waitFor();
    assert.ok((await classes(row)).includes("row--spoken"));
    await row.hover();
    await page.locator(".sentence--meant", { hasText: "PUBREC" }).first().waitFor();
    await sentence.press("Enter");
    assert.equal(await row.getAttribute("aria-selected"), "true");
  });

  test("while something is pointed at, only it and its counterpart are lit up", async (context) => {
    const page = await open(context, "/qos-2");
    const lit = page.locator(".sentence--lit");
    await page.getByLabel("Moment").press("Home");
    for (let steps = 0; (await lit.count()) === 0; steps += 1) {
      assert.ok(steps < 100, "no sentence was lit");
      await page.getByRole("button", { name: "Step", exact: true }).click();
    }
    const other = page.locator(".sentence:not(.sentence--lit)").first();
    await other.hover();
    await lit.first().waitFor({ state: "detached" });
    assert.equal(await page.locator(".sentence--meant").count(), 0);
    await page.locator(".lesson__title").hover();
    await lit.first().waitFor();
    await new LabPage(page).pointAt(page.getByRole("option", { name: /^CONNECT from/ }).first());
    await lit.first().waitFor({ state: "detached" });
    await page.locator(".lesson__title").hover();
    await lit.first().waitFor();
  });

  test("each of the four steps has its number where it can be seen, at both hops", async (context) => {
    const page = await open(context, "/qos-2");
    await page.getByRole("button", { name: "Run to the end" }).click();
    await page.getByRole("group", { name: "Time" }).locator("output").filter({ hasText: "quiet" }).waitFor();
    const steps = page.locator(".step circle");
    const boxes = await steps.evaluateAll((all) => all.map((it) => it.getBoundingClientRect()).map(({ left, right, top, bottom }) => ({ left, right, top, bottom })));
    assert.ok(boxes.length >= 8, `${boxes.length} steps`);
    boxes.forEach((one, index) => boxes.slice(index + 1).forEach((other) => {
      const apart = one.right <= other.left || other.right <= one.left || one.bottom <= other.top || other.bottom <= one.top;
      assert.ok(apart, `${JSON.stringify(one)} and ${JSON.stringify(other)}`);
    }));
    // No number stands on a label, either.
    const labels = await page.locator(".arrow__label").evaluateAll((all) => all.map((it) => it.getBoundingClientRect()).map(({ left, right, top, bottom }) => ({ left, right, top, bottom })));
    boxes.forEach((one) => labels.forEach((label) => {
      const apart = one.right <= label.left || label.right <= one.left || one.bottom <= label.top + 3 || label.bottom - 3 <= one.top;
      assert.ok(apart, `${JSON.stringify(one)} and ${JSON.stringify(label)}`);
    }));
  });

  test("a sentence shows its packet where it was out of view, and gives the view back", async (context) => {
    const page = await open(context, "/qos-0");
    await page.getByRole("button", { name: "Run to the end" }).click();
    await page.getByRole("group", { name: "Time" }).locator("output").filter({ hasText: "quiet" }).waitFor();
    const rows = page.locator("#rows");
    const top = () => rows.evaluate((it) => it.scrollTop);
    const end = await top();
    const sentence = page.locator(".sentence").first();
    await sentence.hover();
    const row = page.locator(".row--spoken").first();
    await row.waitFor();
    const isSeen = async () => {
      const [inner, outer] = [await row.boundingBox(), await rows.boundingBox()];
      return inner !== null && inner.y < outer.y + outer.height && inner.y + inner.height > outer.y;
    };
    await until(isSeen, "its packet is in view");
    assert.ok((await top()) < end);
    await page.locator(".lesson__title").hover();
    await until(async () => (await top()) === end, "the end is in view again");
  });

  test("a wrong prediction leads to the packet that contradicts it", async (context) => {
    const page = await open(context, "/qos-2");
    await page.getByRole("radio", { name: /closes the connection/ }).check();
    await page.getByRole("button", { name: "Run it" }).click();
    await page.getByText("Not quite. Here is what happened:").waitFor();
    await page.getByRole("button", { name: "Show the first packet that contradicts it" }).click();
    const selected = page.locator(".row--selected");
    await selected.waitFor();
    assert.match(await selected.getAttribute("aria-label"), /PUBCOMP/);
  });

  test("progress survives a reload, travels as a file, and is cleared once that is confirmed", async (context) => {
    const page = await open(context, "/downgrade");
    await page.locator("#instrument").getByRole("button", { name: "Run what is missing" }).click();
    await page.getByText("9 of 9 cells").waitFor();
    await page.reload();
    await page.goto(`${site.url}#/course`);
    const entry = page.getByRole("listitem").filter({ has: page.locator(`a[href="#/course/downgrade"]`) });
    await entry.getByText(/goals [1-9]/).waitFor();
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Export" }).click();
    const file = await (await download).path();
    assert.match(await readFile(file, "utf8"), /^fourstep progress 1\n/);
    await page.getByRole("button", { name: "Clear" }).click();
    await page.getByRole("button", { name: "Forget it" }).click();
    await entry.getByText(/goals [1-9]/).waitFor({ state: "detached" });
    await page.getByLabel("Import").setInputFiles(file);
    await entry.getByText(/goals [1-9]/).waitFor();
  });

  test("a link leads to the start of the next lesson, and the way back to where one was", async (context) => {
    const page = await open(context, "/qos-1");
    const top = () => page.evaluate(() => window.scrollY);
    await page.getByRole("link", { name: /^Next/ }).click();
    await page.getByRole("heading", { name: "QoS 2, exactly once" }).waitFor();
    await until(async () => (await top()) === 0, "the start is in view");
    await page.goBack();
    await page.getByRole("heading", { name: "QoS 1, at least once" }).waitFor();
    await until(async () => (await top()) > 0, "the end is in view again");
  });

  test("search finds a lesson and a term, and a lesson leads to the glossary", async (context) => {
    const page = await open(context, "");
    await page.getByRole("searchbox").fill("receive maximum");
    await page.locator(".found").getByRole("link").first().waitFor();
    await page.getByRole("searchbox").fill("zzzz");
    await page.getByText("Nothing found.").waitFor();
    await page.goto(`${site.url}#/course/qos-2`);
    await page.getByRole("link", { name: "session" }).first().click();
    await page.locator("#term-session:focus").waitFor();
    await page.locator("#term-session").getByRole("link", { name: "QoS 2, exactly once" }).click();
    await page.waitForURL("**/#/course/qos-2");
  });

  for (const colorScheme of ["light", "dark"]) {
    for (const size of [{ width: 1440, height: 900 }, { width: 360, height: 780 }]) {
      test(`axe finds nothing on any page, ${colorScheme}, ${size.width} px wide`, async (context) => {
        const page = await open(context, "");
        await page.setViewportSize(size);
        await page.emulateMedia({ colorScheme });
        for (const place of ["", "/glossary", ...LESSONS.map((slug) => `/${slug}`)]) {
          await page.goto(`${site.url}#/course${place}`);
          await page.locator(".lesson__title").waitFor();
          assert.deepEqual(await violations(page), [], place);
          const width = await page.evaluate(() => document.documentElement.scrollWidth);
          assert.ok(width <= size.width, `${place} is ${width} px wide`);
        }
      });
    }
  }
});

/// What the course's pages and the lab say in this language.
async function messages(tag) {
  const files = ["lab", "course"].map((name) => readFile(new URL(`../../src/locales/${tag}/${name}.json`, import.meta.url), "utf8"));
  return Object.assign({}, ...(await Promise.all(files)).map((text) => JSON.parse(text)));
}

/// Goes there by focus and presses Enter, as somebody without a pointer does.
async function press(page, control) {
  await control.focus();
  await page.keyboard.press("Enter");
}

/// Chooses the first answer and waits for what comes of it.
async function predict(page, words) {
  const answer = page.locator("#predict").getByRole("radio").first();
  await answer.focus();
  await page.keyboard.press("Space");
  await press(page, page.getByRole("button", { name: words.predict_run, exact: true }));
  await page.locator(".verdict__words").first().waitFor();
}

/// Has every goal solved.
async function solve(page, words) {
  const goals = page.locator(".goal");
  for (let index = 0; index < (await goals.count()); index += 1) {
    const goal = goals.nth(index);
    await press(page, goal.getByRole("button", { name: words.solve, exact: true }));
    await goal.locator(`.goal__mark:not([data-state="open"])`).waitFor();
  }
}

async function classes(element) {
  return (await element.getAttribute("class")).split(" ");
}
