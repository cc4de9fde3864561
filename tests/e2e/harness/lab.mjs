// The lab as a person finds it: everything by its label or role.

import { until } from "./net.mjs";

/// What a person does in the lab and reads from it. `tab` is Playwright's page.
export class LabPage {
  /// Opens the lab in a tab, with the set-up of a link if there is one.
  static async open(browser, site, setup = "") {
    return new LabPage(await browser.open(`${site.url}#/lab${setup}`));
  }

  constructor(tab) {
    this.tab = tab;
    this.problems = tab.problems;
  }

  section(name) {
    return this.tab.getByRole("region", { name, exact: true });
  }

  time() {
    return this.tab.getByRole("group", { name: "Time" });
  }

  /// Waits until nothing is left to happen.
  quiet(timeout = 30_000) {
    const quiet = async () => (await this.time().locator("output").innerText()).includes("quiet");
    return until(quiet, "the lab is quiet", timeout);
  }

  /// Opens a ready set-up and lets it run to its end.
  async show(name) {
    await this.section("Set-up").getByLabel("Show").selectOption({ label: name });
    await this.runUntilQuiet();
  }

  async runUntilQuiet() {
    await this.time().getByRole("button", { name: "Run to the end" }).click();
    await this.quiet();
  }

  /// Goes to a moment, in milliseconds.
  async scrubTo(millis) {
    await this.time().getByRole("slider", { name: "Moment" }).fill(String(millis));
  }

  /// The present, in milliseconds, and the furthest moment.
  async moment() {
    const slider = this.time().getByRole("slider", { name: "Moment" });
    return { now: Number(await slider.inputValue()), end: Number(await slider.getAttribute("max")) };
  }

  async publish({ client = "publisher", topic, payload, qos }) {
    const form = this.section(client).locator("form").filter({ hasText: "Payload" });
    if (topic) await form.getByLabel("Topic").fill(topic);
    if (payload) await form.getByLabel("Payload").fill(payload);
    await form.getByLabel("QoS").selectOption(`QoS ${qos}`);
    await form.getByRole("button", { name: "Publish" }).click();
  }

  /// The messages that a client's application got, newest first, as they are shown. In the document
  /// the newest is last.
  async inbox(client) {
    const items = this.section(client).getByRole("list", { name: "Inbox" }).getByRole("listitem");
    return (await items.allInnerTexts()).reverse();
  }

  /// The lines of the transcript, oldest first.
  async transcript() {
    const panel = this.section("Packets");
    const asText = panel.getByRole("button", { name: "Show as text" });
    if ((await asText.getAttribute("aria-pressed")) === "false") await asText.click();
    return panel.getByRole("region", { name: "Transcript" }).getByRole("listitem").allInnerTexts();
  }

  /// The packets of QoS flows in the transcript: `publisher -> broker PUBLISH`.
  async flow() {
    const lines = await this.transcript();
    return lines.flatMap((line) => {
      const parts = /(\S+) +-> +(\S+) .*?\b(PUBLISH|PUBACK|PUBREC|PUBREL|PUBCOMP)\b/.exec(line);
      return parts ? [`${parts[1]} -> ${parts[2]} ${parts[3]}`] : [];
    });
  }

  /// The list of packets; of one of two outcomes, by its name.
  packets(outcome) {
    const place = outcome ? this.tab.getByRole("group", { name: outcome, exact: true }) : this.section("Packets");
    return place.getByRole("listbox");
  }

  /// The packets in a list whose sentence matches.
  packet(name, outcome) {
    return this.packets(outcome).getByRole("option", { name });
  }

  /// Moves the mouse to a packet: to a place that is its own and of no other.
  async pointAt(packet) {
    const place = await packet.evaluate((option) => {
      const { left, right, top, bottom } = option.getBoundingClientRect();
      for (let y = top + 2; y < bottom; y += 3) {
        for (let x = left + 8; x < right; x += 8) {
          if (document.elementFromPoint(x, y) === option) return { x, y };
        }
      }
      return null;
    });
    if (!place) throw new Error("the packet cannot be pointed at");
    await this.tab.mouse.move(place.x, place.y);
    return place;
  }

  /// Selects the packet by the arrow keys.
  async selectByKeys(packet) {
    await this.packets().focus();
    await this.tab.keyboard.press("Home");
    const isSelected = async () => (await packet.getAttribute("aria-selected", { timeout: 5_000 })) === "true";
    for (let row = 0; row < 100 && !(await isSelected()); row += 1) {
      await this.tab.keyboard.press("ArrowDown");
    }
  }

  menu() {
    return this.tab.getByRole("menu", { name: "What could have happened instead" });
  }

  /// Keeps the fork, and waits until it is the only world.
  async keep() {
    await this.tab.getByRole("button", { name: "Keep this fork" }).click();
    await this.tab.getByRole("group", { name: "Fork", exact: true }).waitFor({ state: "detached" });
  }

  /// The lines of one outcome's transcript, oldest first.
  outcome(name) {
    const place = this.tab.getByRole("group", { name, exact: true });
    return place.getByRole("region", { name: "Transcript" }).getByRole("listitem").allInnerTexts();
  }

  /// The address that opens this lab again.
  async link() {
    await this.tab.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await this.section("Set-up").getByRole("button", { name: "Copy link" }).click();
    return this.tab.evaluate(() => navigator.clipboard.readText());
  }
}
