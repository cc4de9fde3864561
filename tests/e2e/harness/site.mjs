// A plain static file server: no rewrite rules, no headers of its own, and the site under a sub-path.
// As several large hosts do, it can redirect `index.html` to its folder.

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

// The best first.
const ENCODINGS = [["br", ".br"], ["gzip", ".gz"]];

export class Site {
  #server;
  #path;
  #redirects;
  #compressed;
  #changes = new Map();
  #address;

  /// Serves dist/ under `path`, which begins and ends with a slash. `redirects`: whether index.html is
  /// an address of the folder, to which it leads. `compressed`: whether it serves the compressed files
  /// beside the others to browsers that take them.
  static async start({ path = "/", redirects = false, compressed = false } = {}) {
    const site = new Site();
    site.#path = path;
    site.#redirects = redirects;
    site.#compressed = compressed;
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

  /// Serves a file that is not in dist/.
  add(name, text) {
    this.#changes.set(join(DIST, name), () => text);
  }

  /// Serves the file as it is in dist/ again.
  restore(name) {
    this.#changes.delete(join(DIST, name));
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
    const { pathname, search } = new URL(request.url, this.origin);
    if (this.#redirects && pathname.endsWith("/index.html")) {
      const location = pathname.slice(0, -"index.html".length) + search;
      response.writeHead(301, { location }).end();
      return;
    }
    const file = this.#file(pathname);
    const beside = this.#compressed && (await this.#beside(file, request.headers["accept-encoding"] ?? ""));
    if (beside) {
      const type = TYPES[extname(file)] ?? "application/octet-stream";
      response.writeHead(200, { "content-type": type, "content-encoding": beside.encoding }).end(beside.body);
      return;
    }
    try {
      const edit = this.#changes.get(file);
      const body = edit ? edit(await readFile(file, "utf8").catch(() => "")) : await readFile(file);
      response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream" });
      response.end(body);
    } catch {
      response.writeHead(404, { "content-type": "text/html" }).end("<!DOCTYPE html><title>404</title><h1>Not found</h1>\n");
    }
  }

  async #beside(file, accepted) {
    for (const [encoding, extension] of ENCODINGS) {
      const body = accepted.includes(encoding) && (await readFile(file + extension).catch(() => null));
      if (body) return { encoding, body };
    }
    return null;
  }

  #file(pathname) {
    if (!pathname.startsWith(this.#path)) return null;
    const name = decodeURIComponent(pathname.slice(this.#path.length)).replace(/(^|\/)$/, "$1index.html");
    const file = normalize(join(DIST, name));
    return file.startsWith(DIST + sep) ? file : null;
  }
}
