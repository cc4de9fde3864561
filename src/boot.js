// Starts the page. This is a file and not an inline script, because the Content Security Policy
// allows no inline script. The containers in index.html say where their modules are.

const notice = document.getElementById("boot");
const started = new Map();
let failures = 0;

// What the shell calls to open another module's page.
globalThis.fourstep = { load };

try {
  await load("shell");
  notice.remove();
} catch (error) {
  notice.setAttribute("role", "alert");
  notice.textContent = `Fourstep could not start: ${error}. It needs a current browser with WebAssembly.`;
  throw error;
}

/// Fetches and starts a module, once. After a failure it can be asked for again.
function load(name) {
  if (!started.has(name)) started.set(name, start(name));
  return started.get(name);
}

async function start(name) {
  const { module } = document.getElementById(name).dataset;
  // A browser may remember that an address failed, and not ask again.
  const again = failures > 0 ? `?again=${failures}` : "";
  try {
    const [code, wasm] = await Promise.all([
      import(new URL(`${module}.js${again}`, document.baseURI)),
      fetch(`${module}_bg.wasm`),
    ]);
    await code.default({ module_or_path: wasm });
  } catch (error) {
    failures += 1;
    started.delete(name);
    throw error;
  }
}
