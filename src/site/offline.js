// The service worker: once the site was opened, it opens without a network. scripts/list-files writes
// the two lines below when the site is built for release; without files nothing is kept.

const VERSION = "";
const FILES = [];

const SCOPE = self.registration.scope;
const PREFIX = `fourstep ${new URL(SCOPE).pathname} `;
const CACHE = PREFIX + VERSION;
// The site has one document; which page it shows is in the fragment, which is not sent. It is kept
// as a navigation to the folder gives it: many hosts redirect `index.html` to the folder, and a
// browser refuses an answer to a navigation that was redirected on the way.
const DOCUMENT = SCOPE;
const OWN = new Set([DOCUMENT, ...FILES.map((file) => SCOPE + file)]);

// All files or none: a site that is half there would fail on the train.
addEventListener("install", (event) => event.waitUntil(keep()));

// By now no page of the version before is open.
addEventListener("activate", (event) => event.waitUntil(forgetOthers()));

// Only the site's own addresses are answered. Below its folder there may be other applications, and
// files that are none of ours: for those the browser does as if there were no service worker.
addEventListener("fetch", (event) => {
  const address = own(event.request);
  if (address !== null) event.respondWith(answer(address, event.request));
});

// The page says when the person wants the new version.
addEventListener("message", (event) => {
  if (event.data === "use it now") event.waitUntil(self.skipWaiting());
});

async function keep() {
  // Everything is fetched before anything is kept.
  const answers = await Promise.all([...OWN].map(async (address) => [address, await current(address)]));
  const cache = await caches.open(CACHE);
  await Promise.all(answers.map(([address, answer]) => cache.put(address, answer)));
  if (await isBeforeUnusable()) await self.skipWaiting();
}

/// The file as the host has it now. The browser asks whether what it has in its own cache is current,
/// because that may be of the version before.
async function current(address) {
  const answer = await fetch(address, { cache: "no-cache" });
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  const isPage = (answer.headers.get("content-type") ?? "").startsWith("text/html");
  if (address === DOCUMENT) await checkVersion(answer.clone());
  // Some hosts answer with a page for every file that they do not have.
  else if (isPage) throw new Error(`${address}: a page instead of the file`);
  return plain(answer);
}

/// While a new version is being uploaded, a host may still have the document of the one before,
/// which names files that this version has not.
async function checkVersion(answer) {
  const text = await answer.text();
  const names = FILES.flatMap((file) => /^[a-z]+-[0-9a-f]{8,}/.exec(file) ?? []);
  const missing = names.find((name) => !text.includes(name));
  if (missing) throw new Error(`the document is of another version: it does not name ${missing}`);
}

/// The answer without its history: no redirect, and nothing that it varies by.
function plain({ body, status, statusText, headers }) {
  const kept = new Headers(headers);
  kept.delete("vary");
  return new Response(body, { status, statusText, headers: kept });
}

/// Whether the version before can open no page: it kept a document that was redirected. Its pages do
/// not have to be waited for, because there are none.
async function isBeforeUnusable() {
  const names = (await caches.keys()).filter((name) => name.startsWith(PREFIX));
  const documents = await Promise.all(names.map((cacheName) => caches.match("index.html", { cacheName })));
  return documents.some((document) => document?.redirected);
}

async function forgetOthers() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
}

/// The address under which the site keeps what is asked for, or null if it is not the site's.
function own({ method, mode, url }) {
  const { origin, pathname } = new URL(url);
  let address = origin + pathname;
  if (address === `${SCOPE}index.html`) address = DOCUMENT;
  // A navigation is for the document, or else for a file that someone wants to see by itself.
  const isOurs = mode === "navigate" ? address === DOCUMENT : OWN.has(address);
  return method === "GET" && isOurs ? address : null;
}

async function answer(address, request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(address)) ?? fetch(request);
}
