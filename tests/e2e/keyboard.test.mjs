// The whole main job with the keyboard alone: no pointer, no script that moves the focus.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Broker } from "./harness/broker.mjs";
import { Browser } from "./harness/browser.mjs";
import { ClientPage } from "./harness/page.mjs";
import { Site } from "./harness/site.mjs";

// More than there are stops on the page.
const MOST_STOPS = 150;

describe("by keyboard alone", { timeout: 120_000 }, () => {
  let site, browser, broker, page, keyboard;

  before(async () => {
    site = await Site.start();
    browser = await Browser.start();
    broker = await Broker.start();
    page = await ClientPage.open(browser, site);
    keyboard = page.tab.keyboard;
  });

  after(async () => {
    await broker?.dispose();
    await browser?.dispose();
    await site?.dispose();
  });

  /// Presses Tab until this has the focus, which has to be visible.
  async function tabTo(target, key = "Tab") {
    for (let stop = 0; stop < MOST_STOPS; stop++) {
      if (await isFocused(target)) {
        assert.ok(await page.tab.evaluate(showsFocus), `the focus shows on ${target}`);
        return;
      }
      await keyboard.press(key);
    }
    throw new Error(`no way to ${target} by ${key}`);
  }

  async function type(target, text) {
    await tabTo(target);
    await keyboard.press("Control+A");
    await keyboard.type(text);
  }

  /// Tab leads to the chosen radio button, the arrow keys to the others.
  async function choose(part, group, name) {
    const options = part.getByRole("group", { name: group, exact: true }).getByRole("radio");
    await tabTo(options.and(page.tab.locator(":checked")));
    const wanted = part.getByRole("group", { name: group, exact: true }).getByRole("radio", { name });
    for (let tries = 0; !(await wanted.isChecked()); tries++) {
      assert.ok(tries < 3, `${name} is chosen`);
      await keyboard.press("ArrowRight");
    }
  }

  test("connect, subscribe, publish, look at the packets, unsubscribe, disconnect", async () => {
    const connect = page.section("Connect");
    await type(connect.getByLabel("Broker address"), broker.webSocketUrl);
    await choose(connect, "Version", "MQTT 3.1.1");
    await type(connect.getByLabel("Client identifier"), "keys");
    await keyboard.press("Enter");
    await page.reaches("Connected");
    assert.notEqual(await page.tab.evaluate(() => document.activeElement.tagName), "BODY", "the focus is not lost");

    const subscribe = page.section("Subscribe");
    await type(subscribe.getByLabel("Topic filter"), "keys/#");
    await choose(subscribe, "Requested QoS", "QoS 1");
    await keyboard.press("Enter");
    await page.subscriptionItem("keys/#").waitFor();

    const publish = page.section("Publish");
    await tabTo(publish.getByLabel("Topic", { exact: true }), "Shift+Tab");
    await keyboard.press("Control+A");
    await keyboard.type("keys/one");
    await type(publish.getByLabel("Payload"), "by hand");
    await choose(publish, "QoS", "QoS 2");
    await tabTo(publish.getByRole("button", { name: "Send", exact: true }));
    await keyboard.press("Enter");
    await page.finishes(/QoS 2: PUBCOMP came/);
    await page.receives(1);

    // The rows: arrow keys choose, Enter goes to the fields, Escape back.
    await tabTo(page.rowList());
    await keyboard.press("Home");
    await keyboard.press("ArrowDown");
    const inspector = page.section("Inspector");
    await inspector.getByText(/^CONNECT from/).waitFor();
    await keyboard.press("Enter");
    const tree = inspector.getByRole("tree", { name: "Fields" });
    assert.ok(await isFocused(tree), "Enter leads to the fields");
    await keyboard.press("ArrowDown");
    await keyboard.press("ArrowDown");
    const selected = tree.getByRole("treeitem", { selected: true });
    assert.equal(await selected.count(), 1);
    assert.equal(await tree.getAttribute("aria-activedescendant"), await selected.getAttribute("id"));
    assert.notEqual(await inspector.locator(".hex__cell--lit").count(), 0, "its bytes are lit");
    // From the bytes to the fields, too.
    await tabTo(inspector.getByRole("group", { name: /^Bytes in hexadecimal/ }), "Shift+Tab");
    await keyboard.press("Home");
    assert.equal(await inspector.locator(".hex__cell--lit").count(), 1);
    assert.notEqual(await inspector.locator(".field-row--lit").count(), 0, "its fields are lit");
    await tabTo(tree);
    await keyboard.press("Escape");
    assert.ok(await isFocused(page.rowList()), "Escape leads back");

    // The inbox: choosing a message shows its packet.
    const inbox = page.section("Inbox").getByRole("listbox");
    await tabTo(inbox);
    await keyboard.press("End");
    await inspector.getByText(/^PUBLISH from .* to keys/i).waitFor();

    await tabTo(page.subscriptionItem("keys/#").getByRole("button", { name: "Unsubscribe from keys/#" }), "Shift+Tab");
    await keyboard.press("Enter");
    await page.subscriptionItem("keys/#").waitFor({ state: "detached" });
    await tabTo(connect.getByRole("button", { name: "Disconnect" }), "Shift+Tab");
    await keyboard.press("Space");
    await page.reaches("Not connected");
    // The broker is free to send the message back before its PUBCOMP or after it.
    const sent = (await page.packets()).filter((packet) => packet.startsWith(">"));
    assert.deepEqual(sent.map((packet) => packet.split(" ")[1]).filter((type) => type !== "PUBACK"), [
      "CONNECT", "SUBSCRIBE", "PUBLISH", "PUBREL", "UNSUBSCRIBE", "DISCONNECT",
    ]);
    assert.deepEqual(page.problems, []);
  });

  test("the first stop skips to the packets", async () => {
    const fresh = await ClientPage.open(browser, site);
    await fresh.tab.keyboard.press("Tab");
    const skip = fresh.tab.getByRole("link", { name: "Skip to the packets" });
    assert.ok(await isFocused(skip));
    await fresh.tab.keyboard.press("Enter");
    assert.ok(await isFocused(fresh.section("Packets")));
    await fresh.tab.close();
  });

  test("disclosures open, and every control has a name", async () => {
    const fresh = await ClientPage.open(browser, site);
    for (const summary of await fresh.tab.locator("summary").all()) await summary.press("Enter");
    const names = await fresh.tab.evaluate(() => {
      const controls = [...document.querySelectorAll("input, textarea, select, button")];
      return controls.map((control) => (control.labels?.[0]?.textContent || control.textContent).trim());
    });
    assert.ok(names.length > 30, `${names.length} controls`);
    assert.deepEqual(names.filter((name) => name === ""), []);
    await fresh.tab.close();
  });
});

async function isFocused(target) {
  // Two controls of one name would be a fault of their own.
  return (await target.count()) === 1 && target.evaluate((element) => element === document.activeElement);
}

/// Whether the focus can be seen: an outline or a ring on what has it, or on its label.
function showsFocus() {
  const shows = (element) => {
    const style = getComputedStyle(element);
    return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
  };
  const active = document.activeElement;
  return [active, active.closest("label")].filter(Boolean).some(shows);
}
