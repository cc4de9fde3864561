// Fetches and starts the modules of the page. This is a file and not an inline script, because the
// Content Security Policy allows no inline script. The containers in index.html say which module
// shows which pages, and where its files are.

const modules = [...document.querySelectorAll("[data-module]")];
const loading = document.getElementById("loading");
const failure = document.getElementById("failure");
const started = new Map();
const languages = ["en", "zh-Hans"];
// The phrase books: what the engine says, in languages other than its own.
const books = { "zh-Hans": "engine.po" };
let failures = 0;
// What has the focus, and what it is in.
let trail = [];
const losses = new MutationObserver(stayNear);

document.documentElement.lang = language();

addEventListener("hashchange", open);
addEventListener("fourstep.language", translate);
document.getElementById("again").addEventListener("click", open);
addEventListener("focusin", ({ target }) => follow(target));
// What is needed now comes first, and then what may be needed on a train.
open().then(keep);

/// Shows the page that the address names. The page that was there stays until its module runs.
async function open() {
  const module = named();
  const link = document.activeElement;
  loading.hidden = started.has(module);
  failure.hidden = true;
  try {
    await Promise.all([load(module), translate()]);
  } catch (error) {
    console.error(error);
    failure.hidden = module !== named();
  }
  // By now another page may be wanted.
  if (module !== named()) return;
  loading.hidden = true;
  if (!failure.hidden) return;
  dispatchEvent(new Event("page"));
  requestAnimationFrame(() => stay(link));
}

/// Keeps the focus at a link of the header, which every module has of its own.
function stay(link) {
  if (link.isConnected || document.activeElement !== document.body) return;
  document.querySelector(`header a[href="${link.getAttribute("href")}"]`)?.focus();
}

/// Watches what has the focus, and what it is in: nothing else can take it away.
function follow(element) {
  trail = around(element);
  losses.disconnect();
  for (const each of trail) losses.observe(each, { childList: true, attributeFilter: ["hidden", "disabled"] });
}

/// Keeps the focus near where it was when what had it goes away: a button that has done its work, the
/// last entry of a list. The browser would leave it at the top of the page, and a keyboard with it.
/// Whoever moves the focus on purpose has done so by the second frame.
function stayNear() {
  requestAnimationFrame(() => requestAnimationFrame(() => {
    if (document.activeElement !== document.body || trail.length === 0 || isThere(trail[0])) return;
    const near = trail.find(isThere);
    if (!near) return;
    if (near.tabIndex < 0) near.tabIndex = -1;
    near.focus({ preventScroll: true });
  }));
}

function around(element) {
  const within = element instanceof Element && element !== document.body;
  return within ? [element, ...around(element.parentElement)] : [];
}

function isThere(element) {
  return element.isConnected && !element.disabled && element.checkVisibility();
}

/// The language that was chosen here before, or else the first that the browser asks for. Only its
/// first part counts: who reads Traditional Chinese reads Simplified more easily than English.
function language() {
  let chosen = null;
  try {
    chosen = localStorage.getItem("fourstep.language");
  } catch {
    // Storage is denied: nothing was chosen.
  }
  const first = (tag) => tag.toLowerCase().split("-")[0];
  const asked = [chosen, ...navigator.languages].filter(Boolean).map(first);
  const known = asked.find((tag) => languages.some((own) => first(own) === tag));
  return languages.find((own) => first(own) === known) ?? languages[0];
}

/// Fetches the phrase book of the page's language, once, and says that it is there. Without it the
/// page speaks its language all the same, and the engine English.
async function translate() {
  const book = books[document.documentElement.lang];
  if (!book || window.phrases !== undefined) return;
  window.phrases = null;
  try {
    const response = await fetch(book);
    if (response.ok) window.phrases = await response.text();
  } catch {
    // There is no network. It is asked for again with the next page.
  }
  if (window.phrases === null) delete window.phrases;
  else dispatchEvent(new Event("fourstep.language"));
}

/// The container of the page that the address names, or else of the front page.
function named() {
  const page = /^#\/(\w*)/.exec(location.hash)?.[1];
  return modules.find(({ dataset }) => dataset.pages.split(" ").includes(page)) ?? modules[0];
}

/// Fetches and starts a module, once. After a failure it can be asked for again.
function load(module) {
  if (!started.has(module)) started.set(module, start(module.dataset.module));
  return started.get(module).catch((error) => {
    started.delete(module);
    throw error;
  });
}

async function start(name) {
  // A browser may remember that an address failed, and not ask again.
  const again = failures > 0 ? `?again=${failures}` : "";
  try {
    const [code, wasm] = await Promise.all([
      import(new URL(`${name}.js${again}`, document.baseURI)),
      fetch(`${name}_bg.wasm`),
    ]);
    await code.default({ module_or_path: wasm });
  } catch (error) {
    failures += 1;
    throw error;
  }
}

/// Has the browser keep the site for times without a network, and offers a new version when there is
/// one. Nothing is forced: until the person asks, the page goes on as it is. Without a service worker
/// the page works too; scripts/list-files says where it is, in a build for release.
async function keep() {
  const { offline } = document.documentElement.dataset;
  const workers = navigator.serviceWorker;
  const registration = offline && (await workers?.register(offline).catch(() => null));
  if (!registration) return;
  const notice = document.getElementById("update");
  // The first version that a browser ever sees waits for nobody.
  const look = () => (notice.hidden = !(registration.active && registration.waiting));
  registration.addEventListener("updatefound", () => registration.installing.addEventListener("statechange", look));
  look();
  document.getElementById("leave-update").addEventListener("click", () => (notice.hidden = true));
  document.getElementById("use-update").addEventListener("click", () => {
    workers.addEventListener("controllerchange", () => location.reload());
    registration.waiting?.postMessage("use it now");
  });
}
