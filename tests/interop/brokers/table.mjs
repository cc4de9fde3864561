// The table of docs/brokers.md, as it is when the brokers that are installed are tried. As a program it
// writes that page.

import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { BROKERS } from "./start.mjs";
import { trial, VERSIONS } from "./trial.mjs";

export const PAGE = new URL("../../../docs/brokers.md", import.meta.url);

const HEAD = `# Other people's brokers

What they do with the example client over a WebSocket, each with its defaults. \`make brokers\` tries them and writes this page; \`make test-interop\` tries them too, and fails where the page says something else.

- **CONNECT** is how the broker answers it.
- **QoS 0, 1, 2**: a message is published and subscribed to at this level.
- **cut**: the broker has answered a PUBLISH, but the connection is cut before the answer arrives. The publisher comes back with its session. At QoS 1 a second copy is right, at QoS 2 it isn't.

| broker | MQTT | CONNECT | QoS 0 | QoS 1 | QoS 2 | QoS 1, cut | QoS 2, cut |
|---|---|---|---|---|---|---|---|
`;

/// The whole page. The brokers are tried at the same time.
export async function page() {
  return HEAD + (await Promise.all(BROKERS.map(rows))).flat().join("");
}

async function rows({ name, version, start }) {
  const label = `${name} ${await version()}`;
  const broker = await start();
  const lines = [];
  try {
    for (const [flag, number] of Object.entries(VERSIONS)) {
      lines.push(`| ${[label, number, ...(await trial(broker, flag))].join(" | ")} |\n`);
    }
  } finally {
    await broker.dispose();
  }
  return lines;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await writeFile(PAGE, await page());
}
