// Faults placed by pointing at a packet, and both outcomes side by side.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { violations } from "./harness/axe.mjs";
import { Browser } from "./harness/browser.mjs";
import { LabPage } from "./harness/lab.mjs";
import { until } from "./harness/net.mjs";
import { Site } from "./harness/site.mjs";

const PUBACK = /^PUBACK from broker to publisher/;
const PUBLISH = /^PUBLISH from publisher to broker/;
// 60 messages at QoS 2, over two hops of four packets each.
const SERIES =
  "/v1;client,publisher,5;client,subscriber,5;0s,0,connect;0s,1,connect;0s,1,subscribe,a,2;" +
  "1s,0,publish,a,%7B1+1%7D,2,times:60,every:1ms";
const DIFFERS = /The first difference\.$/;

describe("what could have happened", { timeout: 240_000 }, () => {
  let site, browser;

  before(async () => {
    site = await Site.start();
    browser = await Browser.start({ viewport: { width: 1440, height: 900 } });
  });

  after(async () => {
    await browser?.dispose();
    await site?.dispose();
  });

  async function played(name = "QoS 1, at least once") {
    const lab = await LabPage.open(browser, site);
    await lab.show(name);
    return lab;
  }

  async function close(lab) {
    assert.deepEqual(lab.problems, []);
    await lab.tab.close();
  }

  test("a cut by mouse, and the same by keyboard, make the same world", async () => {
    const worlds = [];
    for (const way of ["mouse", "menu", "keyboard"]) {
      const lab = await played();
      if (way === "mouse") {
        await lab.pointAt(lab.packet(PUBACK));
        await lab.tab.getByRole("group", { name: "At this packet" }).getByRole("button", { name: "Cut here" }).click();
      } else if (way === "menu") {
        const { x, y } = await lab.pointAt(lab.packet(PUBACK));
        await lab.tab.mouse.click(x, y, { button: "right" });
        await lab.menu().getByRole("menuitem", { name: "Cut the line before it arrives" }).click();
      } else {
        await lab.selectByKeys(lab.packet(PUBACK));
        await lab.tab.keyboard.press("c");
        await lab.menu().and(lab.tab.locator(":focus")).waitFor();
        await lab.tab.keyboard.press("Enter");
      }
      await lab.keep();
      worlds.push((await lab.transcript()).join("\n"));
      const inbox = await lab.inbox("subscriber");
      assert.deepEqual(inbox.map((line) => /duplicate/.test(line)), [true, false], way);
      await close(lab);
    }
    assert.match(worlds[0], /PUBACK id 1.*\(lost/);
    assert.deepEqual(worlds.slice(1), [worlds[0], worlds[0]]);
  });

  test("both outcomes are shown, with the first difference in each and in words", async () => {
    const lab = await played();
    const before = await lab.transcript();
    await lab.section("Packets").getByRole("button", { name: "Show as text" }).click();
    await lab.pointAt(lab.packet(PUBACK));
    await lab.tab.getByRole("button", { name: "Cut here" }).click();
    const panel = lab.section("Packets");
    await panel.getByRole("group", { name: "What changed" }).filter({ hasText: "Cut the line before it arrives" }).waitFor();
    assert.match(await panel.getByRole("listitem").filter({ hasText: /^Original/ }).innerText(), /PUBACK.*It arrived at/);
    assert.match(await panel.getByRole("listitem").filter({ hasText: /^Fork/ }).innerText(), /PUBACK.*It was lost\./);
    const row = panel.getByRole("region", { name: "Deliveries" }).getByRole("row").filter({ hasText: "20.5" });
    assert.deepEqual(await row.getByRole("cell").allInnerTexts(), ["once", "twice, 1 duplicate"]);
    for (const [name, words] of [["Original", /delivered once/], ["Fork", /delivered twice/]]) {
      await panel.getByRole("button", { name: words }).and(panel.getByRole("button", { name })).waitFor();
      await lab.packet(DIFFERS, name).waitFor();
      assert.equal(await lab.packet(DIFFERS, name).count(), 1, name);
      await until(() => lab.packet(DIFFERS, name).evaluate(isInView), `the first difference is in the view: ${name}`);
    }
    const tops = await Promise.all(["Original", "Fork"].map((name) => lab.packet(DIFFERS, name).boundingBox()));
    assert.equal(tops[0].y, tops[1].y, "what is the same up to there stands at the same height");
    await panel.getByRole("button", { name: "Back to the original" }).click();
    assert.deepEqual(await lab.transcript(), before);
    await close(lab);
  });

  test("both are scrolled and scrubbed together", async () => {
    const lab = await played();
    await lab.pointAt(lab.packet(PUBACK));
    await lab.tab.getByRole("button", { name: "Cut here" }).click();
    const [original, fork] = ["Original", "Fork"].map((name) => lab.packets(name));
    await lab.packet(DIFFERS, "Fork").waitFor();
    await original.evaluate((it) => it.scrollTo(0, 0));
    await lab.packet(/^Connection opened from publisher/, "Fork").waitFor();
    const top = () => fork.evaluate((it) => it.scrollTop);
    assert.equal(await top(), 0);
    await original.evaluate((it) => it.scrollTo(0, 60));
    await fork.evaluate(scrolledTo, 60);
    await lab.section("Packets").getByRole("button", { name: "Show as text" }).click();
    const whole = await lab.outcome("Fork");
    await lab.scrubTo(2_000);
    const [early, same] = [await lab.outcome("Fork"), await lab.outcome("Original")];
    assert.ok(early.length > 0 && early.length < whole.length);
    assert.deepEqual(early, same, "before the change both are the same");
    await lab.time().getByRole("button", { name: "To the end", exact: true }).click();
    assert.deepEqual(await lab.outcome("Fork"), whole);
    await close(lab);
  });

  test("another level is one choice, and the link of what is kept opens it again", async () => {
    const lab = await played();
    const { x, y } = await lab.pointAt(lab.packet(PUBLISH));
    await lab.tab.mouse.click(x, y, { button: "right" });
    await lab.menu().getByRole("menuitem", { name: "QoS 2" }).click();
    await lab.section("Packets").getByRole("group", { name: "What changed" }).filter({ hasText: "Published at QoS 2" }).waitFor();
    await lab.keep();
    assert.ok((await lab.flow()).includes("broker -> publisher PUBCOMP"));
    await lab.runUntilQuiet();
    const transcript = await lab.transcript();
    const again = new LabPage(await browser.open(await lab.link()));
    await again.runUntilQuiet();
    assert.deepEqual(await again.transcript(), transcript);
    await close(again);
    await close(lab);
  });

  test("the menu is used by keys, says what cannot be had, and gives the focus back", async () => {
    const lab = await played();
    await lab.selectByKeys(lab.packet(PUBLISH));
    await lab.tab.keyboard.press("Shift+F10");
    const remark = lab.tab.locator("#what-if-remark");
    await remark.filter({ hasText: "What is under way is lost" }).waitFor();
    const withhold = lab.menu().getByRole("group", { name: "Counterfactual" }).getByRole("menuitem");
    assert.equal(await withhold.getAttribute("aria-disabled"), "true");
    while (!(await remark.innerText()).includes("only an acknowledgement")) {
      await lab.tab.keyboard.press("ArrowDown");
    }
    await lab.tab.keyboard.press("Enter");
    assert.equal(await lab.menu().isVisible(), true, "what cannot be had changes nothing");
    await lab.tab.keyboard.press("Escape");
    await lab.packets().and(lab.tab.locator(":focus")).waitFor();
    assert.equal(await lab.menu().count(), 0);
    await close(lab);
  });

  test("what no network does is called counterfactual", async () => {
    const lab = await played();
    await lab.selectByKeys(lab.packet(PUBACK));
    await lab.tab.keyboard.press("c");
    await lab.menu().getByRole("menuitem", { name: "Withhold this PUBACK" }).click();
    await lab.section("Packets").getByRole("group", { name: "What changed" }).filter({ hasText: "Counterfactual: Withhold" }).waitFor();
    await lab.packet(/^Note: counterfactual: broker forgets to send PUBACK/, "Fork").waitFor();
    await close(lab);
  });

  test("to scale and as a list the same packets are selected and read", async () => {
    const lab = await played();
    await lab.selectByKeys(lab.packet(PUBACK));
    const toScale = lab.section("Packets").getByRole("button", { name: "To scale" });
    const seen = async () => ({
      selected: await lab.packets().locator("[aria-selected=true]").getAttribute("aria-label"),
      lit: await lab.packets().locator(".row--lit").count(),
      count: await lab.packet(PUBACK).getAttribute("aria-setsize"),
    });
    const scaled = await seen();
    assert.match(scaled.selected, PUBACK);
    assert.equal(await toScale.getAttribute("aria-pressed"), "true");
    await toScale.click();
    assert.deepEqual(await seen(), scaled);
    const heights = await lab.packets().getByRole("option").evaluateAll((all) => all.map((it) => it.style.height));
    assert.equal(new Set(heights).size, 1, "in a list all rows have one height");
    await close(lab);
  });

  test("of hundreds of packets only those on the screen are in the document", async () => {
    const lab = await LabPage.open(browser, site, SERIES);
    await lab.runUntilQuiet();
    const size = Number(await lab.packets().getByRole("option").last().getAttribute("aria-setsize"));
    assert.ok(size > 480, `${size} rows`);
    for (const layout of ["to scale", "as a list"]) {
      const there = await lab.packets().getByRole("option").count();
      assert.ok(there > 5 && there < 200, `${there} rows ${layout}`);
      await lab.packets().focus();
      await lab.tab.keyboard.press("Home");
      await lab.packet(/^Connection opened from publisher/).waitFor();
      await lab.section("Packets").getByRole("button", { name: "To scale" }).click();
    }
    await close(lab);
  });

  test("nothing is animated for a person who wants less motion", async () => {
    const lab = await played();
    await lab.tab.emulateMedia({ reducedMotion: "reduce" });
    await lab.pointAt(lab.packet(PUBACK));
    await lab.tab.getByRole("button", { name: "Cut here" }).click();
    await lab.packet(DIFFERS, "Fork").waitFor();
    assert.equal(await lab.tab.evaluate(() => document.getAnimations().length), 0);
    const smooth = (it) => getComputedStyle(it).scrollBehavior;
    assert.equal(await lab.packets("Fork").evaluate(smooth), "auto");
    await close(lab);
  });

  for (const [colorScheme, width] of [["light", 1440], ["dark", 390]]) {
    test(`has no accessibility fault that axe finds, ${colorScheme}, ${width} px`, async () => {
      const lab = await played();
      await lab.tab.setViewportSize({ width, height: 900 });
      await lab.tab.emulateMedia({ colorScheme });
      await lab.selectByKeys(lab.packet(PUBACK));
      assert.deepEqual(await violations(lab.tab), []);
      await lab.tab.keyboard.press("c");
      await lab.menu().waitFor();
      assert.deepEqual(await violations(lab.tab), []);
      await lab.tab.keyboard.press("Enter");
      await lab.packet(DIFFERS, "Fork").waitFor();
      assert.deepEqual(await violations(lab.tab), []);
      await close(lab);
    });
  }
});

/// Whether the whole of a packet is in the part of its list that is seen.
function isInView(option) {
  const own = option.getBoundingClientRect();
  const seen = option.closest('[role="listbox"]').getBoundingClientRect();
  return own.top >= seen.top && own.bottom <= seen.bottom;
}

/// Resolves when the element is scrolled that far, as it follows another.
function scrolledTo(element, top) {
  return new Promise((resolve) => {
    const look = () => (element.scrollTop === top ? resolve() : requestAnimationFrame(look));
    look();
  });
}
