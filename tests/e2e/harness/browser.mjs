// Chromium, driven by Playwright, with everything noted that a page should not do.

import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { program } from "./programs.mjs";

// Playwright starts Chromium without its sandbox unless told otherwise, which root needs.
const ARGUMENTS = ["--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"];

/// A browser with a profile of its own. Pages of one browser share storage, as tabs do.
export class Browser {
  #context;
  #profile;
  #settings;

  /// `settings` are Playwright's context options, such as `{ colorScheme: "dark" }`.
  static async start(settings = {}) {
    const browser = new Browser();
    browser.#settings = settings;
    browser.#profile = await mkdtemp(join(tmpdir(), "fourstep-profile-"));
    await browser.restart();
    return browser;
  }

  /// Closes the browser and starts it again with the same profile.
  async restart() {
    await this.#context?.close();
    this.#context = await chromium.launchPersistentContext(this.#profile, {
      executablePath: program("CHROME"),
      headless: true,
      args: ARGUMENTS,
      viewport: { width: 1280, height: 900 },
      ...this.#settings,
    });
  }

  /// Opens a tab at the URL, waits until the page that it names is shown, and returns Playwright's
  /// page. Its `problems` are what went wrong on it, its `requested` the addresses that it asked for.
  /// `first` is a function that runs in the page before any code of the page does.
  async open(url, { first } = {}) {
    const page = await this.#context.newPage();
    if (first) await page.addInitScript(first);
    page.problems = [];
    page.requested = [];
    observe(page);
    await page.goto(url);
    await page.locator("main").waitFor();
    return page;
  }

  /// Serves the site under another address too, such as one of https, without any network.
  async mirror(url, site) {
    await this.#context.route(`${url}**`, async (route) => {
      const response = await fetch(route.request().url().replace(url, site.url));
      const contentType = response.headers.get("content-type");
      const body = Buffer.from(await response.arrayBuffer());
      await route.fulfill({ status: response.status, contentType, body });
    });
  }

  /// A session of the DevTools protocol with a tab.
  session(page) {
    return this.#context.newCDPSession(page);
  }

  /// Crashes a tab: its code gets no chance to clean up.
  async crash(page) {
    const crashed = once(page, "crash");
    const session = await this.session(page);
    // The answer never comes, because there is nobody left to give it.
    session.send("Page.crash").catch(() => {});
    await crashed;
    await page.close();
  }

  async dispose() {
    await this.#context.close();
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 3 });
  }
}

function observe(page) {
  page.on("request", (request) => page.requested.push(request.url()));
  page.on("pageerror", (error) => page.problems.push(`uncaught: ${error.stack}`));
  page.on("requestfailed", (request) => {
    page.problems.push(`failed: ${request.url()} ${request.failure()?.errorText}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) page.problems.push(`${response.status()}: ${response.url()}`);
  });
  // Chromium reports violations of the Content Security Policy here too.
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) {
      page.problems.push(`console ${message.type()}: ${message.text()}`);
    }
  });
}
