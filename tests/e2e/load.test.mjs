// A flood of messages: the page goes on answering, its document stays small, and it says what it
// dropped. Nothing here depends on how fast the machine is: the flood lasts until all has been tried.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Broker } from "./harness/broker.mjs";
import { Browser } from "./harness/browser.mjs";
import { ClientPage } from "./harness/page.mjs";
import { Peer } from "./harness/peer.mjs";
import { Site } from "./harness/site.mjs";

const TOPIC = "load/flood";
// The trace keeps 10,000 records, the inbox 1,000 messages.
const TRACE_CAPACITY = 10_000;
const AT_ONCE = 500;
// As far as the flood may be ahead of the page.
const AHEAD = 20_000;
// Elements that the lists may add, whatever their length.
const ROOM = 1_000;

describe("a flood of messages", { timeout: 180_000 }, () => {
  let site, browser, broker;

  before(async () => {
    site = await Site.start();
    browser = await Browser.start();
    // Without this, mosquitto closes a connection on which 20 QoS 2 messages are under way.
    broker = await Broker.start({ config: ["max_inflight_messages 0"] });
  });

  after(async () => {
    await broker?.dispose();
    await browser?.dispose();
    await site?.dispose();
  });

  for (const qos of [0, 2]) {
    test(`at QoS ${qos} freezes nothing`, async (context) => {
      const peer = await Peer.connect(broker.tcpUrl, { clientId: `flood-${qos}` });
      context.after(() => peer.dispose());
      const page = await ClientPage.open(browser, site);
      context.after(() => page.tab.close());
      await page.connected({ url: broker.webSocketUrl, version: 5, clientIdentifier: `flooded-${qos}`, sessionExpiry: 0, clean: true });
      await page.subscribe(TOPIC, qos);
      const before = await elements(page);
      await page.tab.evaluate(countUpdates);

      const flood = new Flood(peer, page, qos);
      const flooding = flood.run();
      try {
        await page.receives(AT_ONCE);
        await answers(page, flood, "typing", async () => {
          const payload = page.section("Publish").getByLabel("Payload", { exact: true });
          await payload.fill("");
          await payload.pressSequentially("still here");
          assert.equal(await payload.inputValue(), "still here");
        });
        await answers(page, flood, "a button", async () => {
          const hide = page.section("Packets").getByRole("button", { name: "Hide pings" });
          await hide.click();
          assert.equal(await hide.getAttribute("aria-pressed"), "true");
        });
        await answers(page, flood, "stopping to follow, and reading a packet", async () => {
          await page.section("Packets").getByRole("button", { name: "Follow" }).click();
          await page.rowList().focus();
          await page.tab.keyboard.press("End");
          await page.tab.keyboard.press("ArrowUp");
          // Whatever packet it is, and even if the flood has dropped it by now.
          await fields(page).waitFor();
        });
        await answers(page, flood, "publishing", async () => {
          await page.publish({ topic: "load/other", payload: "outbound", qos: 1 });
          await page.finishes(/QoS 1: PUBACK came/, 60_000);
        });
        await page.note("Packets").filter({ hasText: /^[\d,]+ older records are no longer kept$/ }).waitFor({ timeout: 120_000 });
        assert.ok(await fields(page).isVisible(), "what is being read stays, though it may have been dropped");
        await page.note("Inbox").filter({ hasText: /the first \d+ dropped$/ }).waitFor();
      } finally {
        flood.stop();
        await flooding;
      }
      assert.ok(flood.most < before + ROOM, `${flood.most} elements, ${before} before`);
      await page.receives(flood.sent, 120_000);
      assert.equal(await page.inboxCount(), flood.sent, "none got lost on the way to the list");
      assert.ok(flood.sent > TRACE_CAPACITY / (qos === 0 ? 1 : 4));

      const { frames, updates } = await page.tab.evaluate(() => window.counted);
      context.diagnostic(`${flood.sent} messages, ${frames} frames, ${updates} updates, at most ${flood.most} elements`);
      assert.ok(updates <= frames, `${updates} updates in ${frames} frames`);
      assert.ok(updates < flood.sent / 2, `${updates} updates for ${flood.sent} messages`);
      assert.deepEqual(page.problems, []);
    });
  }
});

/// Publishes until it is stopped, without getting too far ahead of the page.
class Flood {
  #peer;
  #page;
  #qos;
  #stopped = false;

  sent = 0;

  /// The most elements that the page had.
  most = 0;

  constructor(peer, page, qos) {
    this.#peer = peer;
    this.#page = page;
    this.#qos = qos;
  }

  async run() {
    while (!this.#stopped) {
      const messages = Array.from({ length: AT_ONCE }, () => this.#peer.publish(TOPIC, `${this.sent++}`, this.#qos));
      await Promise.all(messages);
      this.most = Math.max(this.most, await elements(this.#page));
      while (!this.#stopped && this.sent - (await this.#page.inboxCount()) > AHEAD);
    }
  }

  stop() {
    this.#stopped = true;
  }
}

/// Does something on the page in the middle of the flood: messages come before, and after it.
async function answers(page, flood, what, act) {
  const before = await page.inboxCount();
  await act();
  await page.receives(before + 1);
  assert.ok(flood.sent > before, what);
}

/// A field that every packet has, in the inspector.
function fields(page) {
  return page.section("Inspector").getByRole("tree", { name: "Fields" }).getByText("Remaining Length").first();
}

function elements(page) {
  return page.tab.evaluate(() => document.querySelectorAll("*").length);
}

/// Counts frames, and how often the inbox tells a new number.
function countUpdates() {
  const counted = { frames: 1, updates: 0 };
  window.counted = counted;
  const frame = () => {
    counted.frames += 1;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  const note = document.querySelector("#inbox .panel__note");
  const observer = new MutationObserver((changes) => (counted.updates += changes.length));
  observer.observe(note, { characterData: true, childList: true, subtree: true });
}
