// The service worker: once the site was opened, it opens without a network. scripts/list-files writes
// the two lines below when the site is built for release; without files nothing is kept.

const VERSION = "";
const FILES = [];

const PREFIX = `fourstep ${new URL(self.registration.scope).pathname} `;
const CACHE = PREFIX + VERSION;

// All files or none: a site that is half there would fail on the train. The browser asks whether what
// it has in its own cache is current, because that may be of the version before.
addEventListener("install", (event) => event.waitUntil(keep()));

// By now no page of the version before is open.
addEventListener("activate", (event) => event.waitUntil(forgetOthers()));

addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  if (method === "GET" && url.startsWith(self.registration.scope)) event.respondWith(answer(event.request));
});

// The page says when the person wants the new version.
addEventListener("message", (event) => {
  if (event.data === "use it now") event.waitUntil(self.skipWaiting());
});

async function keep() {
  const cache = await caches.open(CACHE);
  await cache.addAll(FILES.map((file) => new Request(file, { cache: "no-cache" })));
}

async function forgetOthers() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
}

/// The site has one document; which page it shows is in the fragment, which is not sent.
async function answer(request) {
  const cache = await caches.open(CACHE);
  const wanted = request.mode === "navigate" ? "index.html" : request;
  return (await cache.match(wanted, { ignoreSearch: true })) ?? fetch(request);
}
