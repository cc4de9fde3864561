// Starts the page. This is a file and not an inline script, because the Content Security Policy
// allows no inline script. Trunk.toml writes the two links with the names of the built files.

const address = (id) => document.getElementById(id).href;
const notice = document.getElementById("boot");

try {
  const app = await import(address("app-module"));
  await app.default({ module_or_path: address("app-wasm") });
  notice.remove();
} catch (error) {
  notice.setAttribute("role", "alert");
  notice.textContent = `Fourstep could not start: ${error}. It needs a current browser with WebAssembly.`;
  throw error;
}
