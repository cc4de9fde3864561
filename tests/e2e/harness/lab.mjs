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
    await this.time().getByRole("button", { name: "Run until quiet" }).click();
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

  /// The messages that a client's application got, newest first, as they are shown.
  inbox(client) {
    return this.section(client).getByRole("list", { name: "Inbox" }).getByRole("listitem").allInnerTexts();
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
}
