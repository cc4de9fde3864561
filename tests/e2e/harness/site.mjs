// A plain static file server: no rewrite rules, no headers of its own, and the site under a sub-path.

import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { HOST } from "./net.mjs";

const DIST = fileURLToPath(new URL("../../../dist", import.meta.url));
const TYPES = {
  ".css": "text/css",
  ".html": "text/html",
  ".js": "text/javascript",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
};

export class Site {
  #server;
  #path;
  #changes = new Map();
  #address;

  /// Serves dist/ under `path`, which begins and ends with a slash.
  static async start({ path = "/" } = {}) {
    const site = new Site();
    site.#path = path;
    site.#server = createServer((request, response) => site.#answer(request, response));
    site.#server.listen(0, HOST);
    await once(site.#server, "listening");
    site.#address = site.#server.address();
    return site;
  }

  get origin() {
    return `http://${HOST}:${this.#address.port}`;
  }

  get url() {
    return this.origin + this.#path;
  }

  /// Serves a file otherwise than it is in dist/: `edit` turns its text into another.
  change(name, edit) {
    this.#changes.set(join(DIST, name), edit);
  }

  /// Nobody answers any more.
  async stop() {
    if (!this.#server.listening) return;
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
  }

  async dispose() {
    await this.stop();
  }

  async #answer(request, response) {
    const file = this.#file(new URL(request.url, this.origin).pathname);
    try {
      const edit = this.#changes.get(file);
      const body = edit ? edit(await readFile(file, "utf8")) : await readFile(file);
      response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream" });
      response.end(body);
    } catch {
      response.writeHead(404, { "content-type": "text/plain" }).end("not found\n");
    }
  }

  #file(pathname) {
    if (!pathname.startsWith(this.#path)) return null;
    const name = decodeURIComponent(pathname.slice(this.#path.length)) || "index.html";
    const file = normalize(join(DIST, name));
    return file.startsWith(DIST + sep) ? file : null;
  }
}
