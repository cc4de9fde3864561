// The lab: the page's main job, done with no network at all.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { violations } from "./harness/axe.mjs";
import { Browser } from "./harness/browser.mjs";
import { LabPage } from "./harness/lab.mjs";
import { Site } from "./harness/site.mjs";

const FOUR_STEPS = ["publisher -> broker PUBLISH", "broker -> publisher PUBREC", "publisher -> broker PUBREL", "broker -> publisher PUBCOMP"];
const NEXT_FOUR = ["broker -> subscriber PUBLISH", "subscriber -> broker PUBREC", "broker -> subscriber PUBREL", "subscriber -> broker PUBCOMP"];
// A message each 10 ms at QoS 2, to two subscribers.
const FAST = [
  "v1",
  ...["publisher", "first", "second"].map((name) => `client,${name},5`),
  ...[0, 1, 2].map((client) => `0s,${client},connect`),
  ...[1, 2].map((client) => `0s,${client},subscribe,sensor/%23,2`),
  "1s,0,publish,sensor/temperature,%7B1+1%7D,2,times:10000,every:10ms",
].join(";");

describe("the lab", { timeout: 180_000 }, () => {
  let site, browser;

  before(async () => {
    site = await Site.start();
    browser = await Browser.start();
  });

  after(async () => {
    await browser?.dispose();
    await site?.dispose();
  });

  test("publishes at QoS 2 over two hops with the network off", async () => {
    const lab = await LabPage.open(browser, site);
    const sockets = [];
    lab.tab.on("websocket", (socket) => sockets.push(socket.url()));
    await lab.tab.context().setOffline(true);
    try {
      await lab.quiet();
      await lab.publish({ qos: 2, topic: "sensor/temperature", payload: "20.5" });
      await lab.quiet();
      const flow = await lab.flow();
      assert.deepEqual(flow.filter((line) => line.includes("publisher")), FOUR_STEPS);
      assert.deepEqual(flow.filter((line) => line.includes("subscriber")), NEXT_FOUR);
      const inbox = await lab.inbox("subscriber");
      assert.equal(inbox.length, 1);
      assert.match(inbox[0], /20\.5/);
      assert.deepEqual(sockets, []);
      assert.deepEqual(lab.problems, []);
    } finally {
      await lab.tab.context().setOffline(false);
    }
  });

  test("goes back and forth in time, and what was is the same again", async () => {
    const lab = await LabPage.open(browser, site);
    await lab.show("QoS 2, exactly once");
    const whole = await lab.transcript();
    const { end } = await lab.moment();
    await lab.scrubTo(700);
    const early = await lab.transcript();
    assert.ok(early.length > 0 && early.length < whole.length, `${early.length} of ${whole.length} records`);
    assert.equal((await lab.moment()).end, end);
    await lab.time().getByRole("button", { name: "To the end", exact: true }).click();
    assert.deepEqual(await lab.transcript(), whole);
    await lab.time().getByRole("button", { name: "To the start" }).click();
    assert.equal((await lab.moment()).now, 0);
    await lab.time().getByRole("button", { name: "Step", exact: true }).click();
    const { now } = await lab.moment();
    assert.ok(now > 0 && now <= 700, `a step leads to ${now} ms`);
    await lab.time().getByRole("button", { name: "Step back" }).click();
    assert.equal((await lab.moment()).now, 0);
  });

  test("is played by keys, which fields keep for themselves", async () => {
    const lab = await LabPage.open(browser, site);
    await lab.runUntilQuiet();
    const { end } = await lab.moment();
    await lab.tab.getByRole("banner").getByRole("paragraph").click();
    await lab.tab.keyboard.press("Shift+Home");
    assert.equal((await lab.moment()).now, 0);
    await lab.tab.keyboard.press("Shift+ArrowRight");
    assert.ok((await lab.moment()).now > 0);
    await lab.tab.keyboard.press("Shift+End");
    assert.equal((await lab.moment()).now, end);
    const payload = lab.section("publisher").getByLabel("Payload");
    await payload.fill("a");
    await payload.press("Shift+Home");
    await payload.press("End");
    await payload.press(" ");
    assert.equal(await payload.inputValue(), "a ");
    assert.equal((await lab.moment()).now, end);
  });

  test("marks the duplicate that a cut before PUBACK makes", async () => {
    const lab = await LabPage.open(browser, site);
    await lab.show("QoS 1, cut before PUBACK");
    const inbox = await lab.inbox("subscriber");
    assert.equal(inbox.length, 2);
    assert.match(inbox[0], /duplicate/);
    assert.doesNotMatch(inbox[1], /duplicate/);
  });

  test("draws lines alone while packets go by too fast to be read, and all of it once they stop", async () => {
    const lab = await LabPage.open(browser, site, `/${FAST}`);
    const lines = lab.section("Packets").locator(".stroke");
    const rows = lab.packets().getByRole("option");
    await lines.first().waitFor({ state: "attached" });
    assert.equal(await rows.count(), 0);
    await lab.time().getByRole("button", { name: "Pause" }).click();
    await rows.last().waitFor({ state: "attached" });
    assert.equal(await lines.count(), 0);
    assert.equal(await rows.last().getAttribute("aria-posinset"), await rows.last().getAttribute("aria-setsize"));
    assert.match(await rows.last().getAttribute("aria-label"), /^PUB[A-Z]+ from/);
    assert.ok((await lab.section("Packets").locator(".arrow__name").count()) >= (await rows.count()) - 1);
    assert.deepEqual(lab.problems, []);
  });

  test("interrupts the lifeline of a process that is gone until it comes back", async () => {
    const crash = "v1;client,publisher,5;client,subscriber,5;0s,0,connect;0s,1,connect;1s,1,fault,now,crash,down:300ms";
    const lab = await LabPage.open(browser, site, `/${crash}`);
    await lab.runUntilQuiet();
    const lanes = lab.section("Packets").locator(".rows .lane__line");
    const absence = lab.section("Packets").locator(".lane__absence");
    await absence.waitFor({ state: "attached" });
    const ends = (line) => line.evaluate((it) => ["x1", "y1", "y2"].map((end) => Number(it.getAttribute(end))));
    const [[subscriber], [x, top, bottom]] = [await ends(lanes.last()), await ends(absence)];
    assert.equal(x, subscriber);
    assert.ok(top < bottom);
    await lab.scrubTo(900);
    await absence.waitFor({ state: "detached" });
  });

  test("opens again from its link, with everything that was done", async () => {
    const lab = await LabPage.open(browser, site);
    await lab.show("QoS 1, at least once");
    await lab.publish({ qos: 0, topic: "sensor/humidity", payload: "55" });
    await lab.runUntilQuiet();
    const transcript = await lab.transcript();
    const link = await lab.link();
    assert.match(link, /#\/lab\/v1;/);
    const again = new LabPage(await browser.open(link));
    await again.runUntilQuiet();
    assert.deepEqual(await again.transcript(), transcript);
    assert.deepEqual(again.problems, []);
  });

  test("a link opens under its own name, and starts over as what it is", async () => {
    const lab = await LabPage.open(browser, site, `/v1;client,weather-station,5;0s,0,connect;1s,0,publish,a,1,1`);
    const show = lab.section("Set-up").getByLabel("Show");
    const chosen = () => show.evaluate((it) => it.selectedOptions[0].textContent);
    await lab.section("weather-station").waitFor();
    assert.equal(await chosen(), "From a link");
    assert.equal(await lab.tab.title(), "From a link · Lab · Fourstep");
    await lab.runUntilQuiet();
    const transcript = await lab.transcript();
    await lab.section("Set-up").getByRole("button", { name: "Start over" }).click();
    await lab.runUntilQuiet();
    assert.deepEqual(await lab.transcript(), transcript);
    await show.selectOption({ label: "QoS 1, at least once" });
    assert.equal(await chosen(), "QoS 1, at least once");
    assert.equal(await lab.tab.title(), "QoS 1, at least once · Lab · Fourstep");
    // The link of a ready set-up is that set-up's.
    const again = new LabPage(await browser.open(await lab.link()));
    assert.equal(await again.section("Set-up").getByLabel("Show").evaluate((it) => it.selectedOptions[0].textContent), "QoS 1, at least once");
  });

  test("prints no name of a lane over another, however long they are", async () => {
    const name = (number) => `building-7-floor-${number}`;
    const clients = [1, 2, 3, 4].map((number) => `client,${name(number)},5`).join(";");
    const lab = await LabPage.open(browser, site, `/v1;${clients};0s,0,connect`);
    for (const width of [1440, 1024, 390]) {
      await lab.tab.setViewportSize({ width, height: 900 });
      const heads = lab.section("Packets").locator(".lane__name");
      await heads.nth(4).waitFor({ state: "attached" });
      const boxes = await heads.evaluateAll((all) => all.map((it) => it.getBoundingClientRect()).map(({ left, right }) => ({ left, right })));
      boxes.slice(1).forEach((box, index) => assert.ok(boxes[index].right < box.left, `${width}: ${JSON.stringify(boxes)}`));
      const texts = await heads.allTextContents();
      assert.equal(new Set(texts).size, texts.length, `each is told from the others: ${texts}`);
    }
  });

  test("says that the link is copied until the lab is another", async () => {
    const lab = await LabPage.open(browser, site);
    await lab.quiet();
    const button = (name) => lab.section("Set-up").getByRole("button", { name, exact: true });
    await lab.link();
    await button("Link copied").waitFor();
    await lab.publish({ qos: 0, topic: "sensor/humidity", payload: "55" });
    await button("Copy link").waitFor();
  });

  test("says what is wrong with a link that is none", async () => {
    const lab = await LabPage.open(browser, site, "/v1;nonsense");
    await lab.section("Set-up").getByRole("alert").filter({ hasText: "part 1" }).waitFor();
  });

  test("saves a trace and opens it again", async () => {
    const lab = await LabPage.open(browser, site);
    await lab.show("QoS 1, at least once");
    const transcript = await lab.transcript();
    const saving = lab.section("Set-up").getByRole("group", { name: "Save the trace" });
    const [capture] = await Promise.all([
      lab.tab.waitForEvent("download"),
      saving.getByRole("button", { name: "Save for Wireshark" }).click(),
    ]);
    const bytes = await readFile(await capture.path());
    assert.equal(bytes.readUInt32LE(0), 0x0a0d0d0a, "a pcapng file starts with a section header");
    const [lines] = await Promise.all([
      lab.tab.waitForEvent("download"),
      saving.getByRole("button", { name: "Save as JSON lines" }).click(),
    ]);
    await lab.show("Ready to publish");
    await lab.section("Set-up").getByLabel("Open a trace").setInputFiles(await lines.path());
    await lab.tab.getByRole("button", { name: "Back to the lab" }).waitFor();
    assert.deepEqual(await lab.transcript(), transcript);
    await lab.tab.getByRole("button", { name: "Back to the lab" }).click();
    await lab.time().waitFor();
  });

  test("refuses a file that is no trace", async () => {
    const lab = await LabPage.open(browser, site);
    const file = { name: "a.jsonl", mimeType: "text/plain", buffer: Buffer.from("nonsense\n") };
    await lab.section("Set-up").getByLabel("Open a trace").setInputFiles(file);
    await lab.section("Set-up").getByRole("alert").filter({ hasText: "line 1" }).waitFor();
  });

  test("takes more clients, and another version does everything again", async () => {
    const lab = await LabPage.open(browser, site);
    await lab.show("QoS 1, at least once");
    await lab.tab.getByRole("button", { name: "Add a client" }).click();
    await lab.section("client-2").getByText("connected", { exact: true }).waitFor();
    const subscriber = lab.section("subscriber");
    await subscriber.getByText("Settings", { exact: true }).click();
    await subscriber.getByLabel("Version").selectOption("MQTT 3.1.1");
    await lab.runUntilQuiet();
    assert.match((await lab.transcript()).join("\n"), /subscriber .*CONNECT MQTT 3\.1\.1/);
    assert.equal((await lab.inbox("subscriber")).length, 1);
  });

  for (const colorScheme of ["light", "dark"]) {
    test(`has no accessibility fault that axe finds, ${colorScheme}`, async () => {
      const lab = await LabPage.open(browser, site);
      await lab.tab.emulateMedia({ colorScheme });
      await lab.show("QoS 1, cut before PUBACK");
      for (const details of await lab.tab.locator("main details").all()) {
        await details.evaluate((it) => (it.open = true));
      }
      assert.deepEqual(await violations(lab.tab), []);
    });
  }
});
