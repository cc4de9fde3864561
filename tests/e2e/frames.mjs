// How many frames a second the lab draws while three clients play 1,000 messages at QoS 2. Reads
// Chromium's own trace, prints, and asserts nothing: it depends on the machine. `make frames`.

import { Browser } from "./harness/browser.mjs";
import { LabPage } from "./harness/lab.mjs";
import { Site } from "./harness/site.mjs";

const MESSAGES = 1_000;
const SECONDS = 12;
// One publisher and two subscribers; a message each 10 ms, so for ten seconds.
const WORLD = [
  "v1",
  ...["publisher", "first", "second"].map((name) => `client,${name},5`),
  ...[0, 1, 2].map((client) => `0s,${client},connect`),
  ...[1, 2].map((client) => `0s,${client},subscribe,sensor/%23,2`),
  `1s,0,publish,sensor/temperature,%7B1+1%7D,2,times:${MESSAGES},every:10ms`,
].join(";");

const site = await Site.start();
const browser = await Browser.start({ viewport: { width: 1440, height: 900 } });
try {
  for (const form of ["to scale", "as a list"]) {
    const lab = await LabPage.open(browser, site, `/${WORLD}`);
    if (form === "as a list") await lab.section("Packets").getByRole("button", { name: "To scale" }).click();
    await lab.time().getByRole("button", { name: "To the start" }).click();
    const play = () => lab.time().getByRole("button", { name: "Play" }).click();
    const events = await traced(await browser.session(lab.tab), play);
    const delivered = await lab.section("second").getByText(/^Inbox/).first().innerText();
    report(form, events, delivered.replaceAll(/\s+/g, " "));
    await lab.tab.close();
  }
} finally {
  await browser.dispose();
  await site.dispose();
}

/// The events of Chromium's trace from `start` on.
async function traced(session, start) {
  const events = [];
  session.on("Tracing.dataCollected", ({ value }) => events.push(...value));
  const complete = new Promise((resolve) => session.once("Tracing.tracingComplete", resolve));
  const categories = "devtools.timeline,benchmark,viz";
  await session.send("Tracing.start", { transferMode: "ReportEvents", traceConfig: { includedCategories: categories.split(",") } });
  await start();
  await new Promise((resolve) => setTimeout(resolve, SECONDS * 1_000));
  await session.send("Tracing.end");
  await complete;
  return events;
}

/// A frame counts when the display has shown it.
function report(form, events, delivered) {
  const named = (name) => events.filter((event) => event.name === name);
  const shown = named("Display::FrameDisplayed").map((event) => event.ts).sort((a, b) => a - b);
  const waits = shown.slice(1).map((at, index) => (at - shown[index]) / 1_000);
  const rate = (waits.length / waits.reduce((sum, wait) => sum + wait, 0)) * 1_000;
  const scripts = named("FireAnimationFrame").map((event) => event.dur / 1_000);
  console.log(`${form}: ${rate.toFixed(1)} frames a second, ${shown.length} shown in ${SECONDS} s`);
  console.log(`  from frame to frame: ${spread(waits)}`);
  console.log(`  script of a frame: ${spread(scripts)}; ${delivered}`);
}

/// Median, almost all, and the longest, in milliseconds.
function spread(times) {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share) => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(1);
  return `median ${at(0.5)} ms, 99 of 100 within ${at(0.99)} ms, at most ${at(1)} ms`;
}
