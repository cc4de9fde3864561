// The page as a person finds it: everything by its label or role.

import { until } from "./net.mjs";

/// What a person does on the page and reads from it. `tab` is Playwright's page.
export class ClientPage {
  /// Opens the page in a tab.
  static async open(browser, site) {
    return new ClientPage(await browser.open(`${site.url}#/client`));
  }

  constructor(tab) {
    this.tab = tab;
    this.problems = tab.problems;
  }

  // Connecting.

  /// Fills the connect form and submits it. What is left out stays as it is.
  async connect(settings) {
    await this.fillConnectForm(settings);
    await this.section("Connect").getByRole("button", { name: "Connect", exact: true }).click();
  }

  /// `version` is 4 or 5; `clean` and `reconnect` are check boxes; `sendQuota`, for version 4 only, is
  /// how many messages may be in flight; the rest is text.
  async fillConnectForm({ version, clean, reconnect, sendQuota, ...texts }) {
    const form = this.section("Connect");
    if (version) await form.getByRole("radio", { name: VERSIONS[version] }).check();
    for (const [name, text] of Object.entries(texts)) {
      await form.getByLabel(CONNECT_FIELDS[name], { exact: true }).fill(String(text));
    }
    if (clean !== undefined) await form.getByLabel(/^Clean (start|session)$/).setChecked(clean);
    if (reconnect !== undefined) {
      await this.disclose(form, "Advanced");
      await form.getByLabel("Reconnect after a lost connection").setChecked(reconnect);
    }
    if (sendQuota !== undefined) {
      await this.disclose(form, "Advanced");
      await form.getByLabel("Messages in flight at most").fill(String(sendQuota));
    }
  }

  /// Connects and waits for CONNACK.
  async connected(settings) {
    if (settings) await this.connect(settings);
    await this.reaches("Connected");
  }

  /// Goes on with the session that an earlier visit left, and waits for CONNACK.
  async resume() {
    await this.section("Connect").getByRole("button", { name: "Resume session" }).click();
    await this.reaches("Connected");
  }

  async disconnect() {
    await this.section("Connect").getByRole("button", { name: "Disconnect" }).click();
    await this.reaches("Not connected");
  }

  /// Waits until the header says this.
  async reaches(state, timeout = 30_000) {
    const banner = this.tab.getByRole("banner").getByRole("status");
    await banner.filter({ hasText: new RegExp(`^${state}$`) }).waitFor({ timeout });
  }

  /// What the summary of the connection says, such as `Session`.
  fact(name) {
    return this.described(this.section("Connect"), name);
  }

  /// The sentences about what went wrong with the connection.
  alert() {
    return this.section("Connect").getByRole("alert");
  }

  // Publishing and subscribing.

  async publish(message) {
    const panel = await this.fillPublishForm(message);
    await panel.getByRole("button", { name: "Send", exact: true }).click();
  }

  /// `{n}` in the payload becomes the number of the message.
  async publishBurst({ count, ...message }) {
    const panel = await this.fillPublishForm(message);
    await panel.getByLabel("Count").fill(String(count));
    await panel.getByRole("button", { name: "Send burst" }).click();
  }

  async fillPublishForm({ topic, payload = "", qos = 0, retain = false }) {
    const panel = this.section("Publish");
    await panel.getByLabel("Topic", { exact: true }).fill(topic);
    await panel.getByLabel("Payload", { exact: true }).fill(payload);
    await panel.getByRole("radio", { name: `QoS ${qos}` }).check();
    await panel.getByLabel("Retain", { exact: true }).setChecked(retain);
    return panel;
  }

  /// How the last messages ended, newest first.
  outcomes() {
    return this.section("Publish").getByRole("list", { name: "Last outcomes" }).getByRole("listitem").allInnerTexts();
  }

  /// Waits until the newest outcome is one like this.
  async finishes(pattern, timeout = 30_000) {
    const newest = this.section("Publish").getByRole("list", { name: "Last outcomes" }).getByRole("listitem").first();
    await newest.filter({ hasText: pattern }).waitFor({ timeout });
  }

  /// Subscribes and waits for the answer.
  async subscribe(filter, qos) {
    const panel = this.section("Subscribe");
    await panel.getByLabel("Topic filter").fill(filter);
    await panel.getByRole("radio", { name: `QoS ${qos}` }).check();
    await panel.getByRole("button", { name: "Subscribe", exact: true }).click();
    const granted = this.described(this.subscriptionItem(filter), "Granted");
    await granted.filter({ hasNotText: "awaiting" }).waitFor();
  }

  /// What the page says about a subscription: requested, granted, delivered, and a remark.
  async subscription(filter) {
    const item = this.subscriptionItem(filter);
    const [requested, granted, delivered] = await item.getByRole("definition").allInnerTexts();
    const remarks = await item.getByRole("paragraph").allInnerTexts();
    return { requested, granted, delivered, remark: remarks.join(" ") };
  }

  subscriptionItem(filter) {
    const list = this.section("Subscribe").getByRole("list", { name: "Subscriptions" });
    return list.getByRole("listitem").filter({ hasText: filter });
  }

  // Lists of messages.

  /// How many messages the inbox has got in all.
  async inboxCount() {
    const note = await this.note("Inbox").innerText();
    return Number(/^(\d+) message/.exec(note)?.[1] ?? 0);
  }

  /// Waits until the inbox has got this many messages.
  receives(count, timeout = 60_000) {
    return until(async () => (await this.inboxCount()) >= count, `${count} messages in the inbox`, timeout);
  }

  /// The payloads in the inbox, oldest first, read by paging through it.
  async inbox() {
    const list = this.section("Inbox").getByRole("listbox", { name: "Messages, oldest first" });
    await list.focus();
    await this.tab.keyboard.press("Home");
    const seen = new Map();
    for (;;) {
      const rows = await list.getByRole("option").evaluateAll((options) =>
        options.map((option) => ({
          place: Number(option.getAttribute("aria-posinset")),
          size: Number(option.getAttribute("aria-setsize")),
          qos: option.querySelector(".badge").textContent,
          payload: option.querySelector(".message__payload").textContent,
        })),
      );
      for (const { place, qos, payload } of rows) seen.set(place, { qos, payload });
      if (seen.size >= (rows[0]?.size ?? 0)) break;
      await this.tab.keyboard.press("PageDown");
    }
    return [...seen.keys()].sort((a, b) => a - b).map((place) => seen.get(place));
  }

  /// The rows of the in-flight table, cell by cell.
  async inFlight() {
    const rows = this.section("In flight").getByRole("row");
    const cells = await rows.evaluateAll((rows) =>
      rows.map((row) => [...row.querySelectorAll("td")].map((cell) => cell.textContent)),
    );
    return cells
      .filter((row) => row.length > 0)
      .map(([way, identifier, qos, state, ...rest]) => {
        return { way, identifier, qos, awaits: state.replace("awaiting ", ""), topic: rest.at(-1) };
      });
  }

  /// Waits until the in-flight panel says this, such as "0 out, 0 in".
  async inFlightCounts(counts, timeout = 60_000) {
    await this.note("In flight").filter({ hasText: new RegExp(`^${counts}\\b`) }).waitFor({ timeout });
  }

  // The packets.

  rowList() {
    return this.section("Packets").getByRole("listbox", { name: "Packets, oldest first" });
  }

  /// The arrows that are drawn, as a person sees them: which way each points, what is written on it,
  /// the number of its step, and the sentence that a screen reader reads in its place.
  async arrows() {
    return (await this.drawnRows()).filter(({ way }) => way !== "-");
  }

  /// All rows that are drawn. One that is no packet has the way `-`.
  drawnRows() {
    return this.rowList().evaluate((list) => {
      const drawings = [...list.querySelectorAll("svg > g")];
      const wayOf = (line) => {
        const [from, to] = ["x1", "x2"].map((end) => Number(line.getAttribute(end)));
        return to > from ? ">" : "<";
      };
      return [...list.querySelectorAll("[role=option]")].map((option, index) => {
        const row = {
          sentence: option.getAttribute("aria-label"),
          selected: option.getAttribute("aria-selected") === "true",
        };
        const arrow = drawings[index].querySelector(".arrow");
        if (!arrow) return { ...row, way: "-", label: drawings[index].querySelector(".rule").textContent };
        return {
          ...row,
          way: wayOf(arrow.querySelector(".arrow__line")),
          label: arrow.querySelector(".arrow__label").textContent,
          kind: /arrow--(\w+)/.exec(arrow.getAttribute("class"))[1],
          head: /arrow__head--(\w+)/.exec(arrow.querySelector(".arrow__head").getAttribute("class"))[1],
          step: arrow.querySelector(".step")?.textContent ?? null,
        };
      });
    });
  }

  /// The whole transcript, as the page copies it to the clipboard. Each record is `{ way, text }`:
  /// `>` to the broker, `<` from it, `-` for what is no packet.
  async transcript() {
    const panel = this.section("Packets");
    const asText = panel.getByRole("button", { name: "Show as text" });
    await this.tab.bringToFront();
    await this.tab.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await this.tab.evaluate(() => navigator.clipboard.writeText(""));
    if ((await asText.getAttribute("aria-pressed")) === "false") await asText.click();
    await panel.getByRole("button", { name: /^Cop(y all as text|ied)$/ }).click();
    const read = () => this.tab.evaluate(() => navigator.clipboard.readText());
    const text = await until(read, "the transcript is on the clipboard");
    await asText.click();
    return text.split("\n").flatMap(record);
  }

  /// The packets of the transcript in short: `> PUBLISH id 1 QoS 2 DUP`.
  async packets() {
    const records = await this.transcript();
    return records.filter(({ way }) => way !== "-").map(({ way, text }) => `${way} ${SHORT.exec(text)[0]}`);
  }

  /// Waits until the transcript passes, and returns the packets in short.
  async packetsWhen(condition, what, timeout = 30_000) {
    let last = [];
    const check = async () => {
      last = await this.packets();
      return condition(last);
    };
    await until(check, what, timeout).catch((error) => {
      throw new Error(`${error.message}\n${last.slice(-40).join("\n")}`);
    });
    return last;
  }

  /// The bytes of the selected packet, as the inspector shows them.
  async inspectedBytes() {
    const hex = this.section("Inspector").getByRole("group", { name: /^Bytes in hexadecimal/ });
    const more = hex.getByRole("button", { name: "Show more bytes" });
    while (await more.isVisible()) await more.click();
    const cells = await hex.locator(".hex__cell").allTextContents();
    return Buffer.from(cells.join(""), "hex");
  }

  // Parts of the page.

  section(name) {
    return this.tab.getByRole("region", { name, exact: true });
  }

  /// The remark beside a section's heading.
  note(section) {
    return this.section(section).locator(".panel__head").getByRole("paragraph");
  }

  async disclose(part, name) {
    const details = part.getByRole("group").filter({ hasText: name });
    if ((await details.getAttribute("open")) === null) await details.getByText(name, { exact: true }).click();
  }

  described(part, term) {
    const named = this.tab.locator("dt").getByText(term, { exact: true });
    return part.locator("dl > div", { has: named }).locator("dd");
  }
}

/// One line of the transcript.
function record(line) {
  const parts = /^ *\d+\.\d+ {2}(?:\S+ (->|--) (\S+) {2})?(.*)$/.exec(line);
  if (!parts) return [];
  const [, arrow, to, text] = parts;
  const way = arrow !== "->" ? "-" : to === "127.0.0.1" ? ">" : "<";
  return [{ way, text }];
}

const SHORT = /^[A-Z]+( id \d+)?( QoS \d)?( DUP)?( RETAIN)?/;

const VERSIONS = { 4: "MQTT 3.1.1", 5: "MQTT 5.0" };

const CONNECT_FIELDS = {
  url: "Broker address",
  clientIdentifier: "Client identifier",
  sessionExpiry: "Session expiry, seconds",
  keepAlive: "Keep-alive, seconds",
  userName: "User name",
  password: "Password",
};
