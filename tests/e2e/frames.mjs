// How many frames a second the lab draws while three clients play 1,000 messages at QoS 2, and what
// a frame costs. Reads Chromium's own trace, prints, and asserts nothing: it depends on the machine.
// Costs are time on the processor, which others who use the machine disturb less. `make frames`.

import { Browser } from "./harness/browser.mjs";
import { LabPage } from "./harness/lab.mjs";
import { Site } from "./harness/site.mjs";

const MESSAGES = 1_000;
const SECONDS = 12;
// Of a page that does nothing, to compare with.
const EMPTY_SECONDS = 3;
// What a frame costs besides script: the names of Chromium's events.
const LAYOUT = ["UpdateLayoutTree", "Layout"];
const PAINT = ["PrePaint", "Paint", "Layerize", "Commit"];
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
  const empty = await browser.open(site.url);
  await empty.setContent("<title>empty</title>");
  const drawing = () => empty.evaluate(drawNothing);
  console.log(`a page that does nothing: ${rate(await traced(await browser.session(empty), drawing, EMPTY_SECONDS))}`);
  await empty.close();
  for (const form of ["to scale", "as a list"]) {
    const lab = await LabPage.open(browser, site, `/${WORLD}`);
    if (form === "as a list") await lab.section("Packets").getByRole("button", { name: "To scale" }).click();
    await lab.time().getByRole("button", { name: "To the start" }).click();
    const play = () => lab.time().getByRole("button", { name: "Play" }).click();
    const events = await traced(await browser.session(lab.tab), play, SECONDS);
    const delivered = await lab.section("second").getByText(/^Inbox/).first().innerText();
    console.log(`${form}: ${rate(events)}; ${delivered.replaceAll(/\s+/g, " ")}`);
    for (const [what, times] of Object.entries(costs(events))) console.log(`  ${what.padEnd(17)} ${spread(times)}`);
    await lab.tab.close();
  }
} finally {
  await browser.dispose();
  await site.dispose();
}

function drawNothing() {
  const frame = () => requestAnimationFrame(frame);
  frame();
  // So that there is something new to be shown.
  document.documentElement.animate([{ background: "#eee" }, { background: "#ddd" }], { duration: 1_000, iterations: Infinity });
}

/// The events of Chromium's trace from `start` on, in order.
async function traced(session, start, seconds) {
  const events = [];
  session.on("Tracing.dataCollected", ({ value }) => events.push(...value));
  const complete = new Promise((resolve) => session.once("Tracing.tracingComplete", resolve));
  const categories = "devtools.timeline,benchmark,viz";
  await session.send("Tracing.start", { transferMode: "ReportEvents", traceConfig: { includedCategories: categories.split(",") } });
  await start();
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  await session.send("Tracing.end");
  await complete;
  return events.sort((a, b) => a.ts - b.ts);
}

/// The frames that the display has shown while the page drew some.
function rate(events) {
  const drawn = scripts(events).map((event) => event.ts);
  const shown = events.filter((event) => event.name === "Display::FrameDisplayed").map((event) => event.ts);
  const seen = shown.filter((at) => at >= drawn[0] && at <= drawn.at(-1));
  const seconds = (seen.at(-1) - seen[0]) / 1_000_000;
  const waits = seen.slice(1).map((at, index) => (at - seen[index]) / 1_000);
  return `${((seen.length - 1) / seconds).toFixed(1)} frames a second for ${seconds.toFixed(1)} s; from one to the next ${spread(waits)}`;
}

/// What each frame has cost, in milliseconds. The page asks for its layout from its script.
function costs(events) {
  const frames = scripts(events);
  const { pid, tid } = frames[0];
  const parts = outermost(events.filter((event) => event.pid === pid && event.tid === tid && [...LAYOUT, ...PAINT].includes(event.name)));
  const all = { script: [], "style and layout": [], paint: [] };
  frames.forEach((frame, index) => {
    const next = frames[index + 1]?.ts ?? Infinity;
    const sum = (names, end) => {
      const within = parts.filter(({ name, ts }) => names.includes(name) && ts >= frame.ts && ts < end);
      return within.reduce((total, event) => total + cost(event), 0);
    };
    all.script.push(cost(frame) - sum([...LAYOUT, ...PAINT], frame.ts + frame.dur));
    all["style and layout"].push(sum(LAYOUT, next));
    all.paint.push(sum(PAINT, next));
  });
  return all;
}

function scripts(events) {
  return events.filter((event) => event.name === "FireAnimationFrame");
}

/// Without those that are inside of others.
function outermost(events) {
  let end = 0;
  return events.filter(({ ts, dur = 0 }) => {
    const isInside = ts + dur <= end;
    end = Math.max(end, ts + dur);
    return !isInside;
  });
}

/// Milliseconds on the processor; where Chromium does not know, by the clock.
function cost(event) {
  return (event.tdur ?? event.dur ?? 0) / 1_000;
}

/// Median, almost all, and the longest, in milliseconds.
function spread(times) {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share) => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(1);
  return `median ${at(0.5)} ms, 95 of 100 within ${at(0.95)} ms, at most ${at(1)} ms`;
}
