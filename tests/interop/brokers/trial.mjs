// What a broker does with the example client, over a WebSocket: how it answers CONNECT, what comes of
// a message of each level, and what comes of one whose connection is cut before its answer.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { HOST, until } from "../../e2e/harness/net.mjs";

const PROGRAM = fileURLToPath(new URL("../../../target/debug/examples/client", import.meta.url));
export const VERSIONS = { mqttv311: "3.1.1", mqttv5: "5.0" };
/// Milliseconds for what should take none.
const PATIENCE = 60_000;
/// Seconds after which a silent broker is given up.
const SILENCE = 10;
/// Milliseconds in which a copy that should not be would come.
const COPY = 500;

/// What it does in this version, column by column.
export async function trial({ port, path }, version) {
  const broker = { url: `ws://${HOST}:${port}${path}`, version };
  const columns = [await connects(broker)];
  if (columns[0] !== ACCEPTED) return [...columns, ...Array(5).fill("")];
  for (const qos of [0, 1, 2]) columns.push(await delivers(broker, qos));
  for (const qos of [1, 2]) columns.push(await survives(broker, { port, path }, qos));
  return columns;
}

const ACCEPTED = "accepts it";

async function connects(broker) {
  const client = run(broker, "sub", ["-i", name(), "-t", "fourstep/none", "-W", SILENCE, "-d"]);
  const isConnected = () => /connected, session/.test(client.log());
  await until(() => isConnected() || client.exitCode !== null, "an answer to CONNECT", PATIENCE);
  client.kill("SIGTERM");
  const code = await client.exited;
  if (isConnected()) return ACCEPTED;
  return code === 27 ? "does not answer" : why(client);
}

/// A message there and back at the same level.
async function delivers(broker, qos) {
  const topic = `fourstep/${name()}`;
  const subscriber = await subscribe(broker, topic, qos);
  const publisher = run(broker, "pub", ["-i", name(), "-t", topic, "-m", "once", "-q", qos]);
  const code = await publisher.exited;
  await until(() => subscriber.messages().length > 0, "the message", 10_000).catch(() => {});
  await sleep(COPY);
  const messages = subscriber.messages();
  await subscriber.stop();
  const levels = [...new Set(messages.map((line) => line.split(" ")[0]))];
  const lower = levels.filter((level) => level !== String(qos)).map((level) => ` as QoS ${level}`);
  const arrives = `${times(messages.length)}${lower.join("")}`;
  return code === 0 ? arrives : `${arrives}; the publisher: ${why(publisher)}`;
}

/// A message whose PUBLISH has come and been answered, while the answer is lost with the connection. The
/// publisher comes back with the session in its file.
async function survives(broker, target, qos) {
  const topic = `fourstep/${name()}`;
  const folder = await mkdtemp(join(tmpdir(), "fourstep-trial-"));
  const subscriber = await subscribe(broker, topic, qos);
  const proxy = await Cutter.start(target.port);
  const through = { ...broker, url: `ws://${HOST}:${proxy.port}${target.path}` };
  const flags = ["-i", name(), "--session", join(folder, "session"), "-t", topic, "-q", qos, "-W", 30];
  try {
    const first = run(through, "pub", [...flags, "-m", "cut"]);
    await first.exited;
    if (!proxy.hasCut) return `could not be tried: ${why(first)}`;
    const second = run(through, "pub", [...flags, "-m", "after"]);
    const code = await second.exited;
    const copies = (payload) => subscriber.messages().filter((line) => line.endsWith(` ${payload}`)).length;
    await until(() => copies("cut") > 0 && copies("after") > 0, "both messages", 10_000).catch(() => {});
    await sleep(COPY);
    return code === 0 ? times(copies("cut")) : `${times(copies("cut"))}; the publisher: ${why(second)}`;
  } finally {
    await subscriber.stop();
    await proxy.dispose();
    await rm(folder, { recursive: true, force: true });
  }
}

async function subscribe(broker, topic, qos) {
  const client = run(broker, "sub", ["-i", name(), "-t", topic, "-q", qos, "-F", ">%q %p", "-d"]);
  await until(() => /subscribed/.test(client.log()) || client.exitCode !== null, "it subscribes", PATIENCE);
  const lines = () => client.log().split("\n").filter((line) => line.startsWith(">"));
  const stop = async () => {
    client.kill("SIGTERM");
    await client.exited;
  };
  return { messages: () => lines().map((line) => line.slice(1)), stop };
}

/// Passes everything on, but once: there it holds back what answers the third chunk of the client,
/// which is its PUBLISH after the handshake and CONNECT, and cuts.
class Cutter {
  #server;
  #sockets = new Set();
  hasCut = false;

  static async start(target) {
    const cutter = new Cutter();
    cutter.#server = createServer((socket) => cutter.#pass(socket, target)).listen(0, HOST);
    await once(cutter.#server, "listening");
    cutter.port = cutter.#server.address().port;
    return cutter;
  }

  async dispose() {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  #pass(client, target) {
    const broker = connect(target, HOST);
    const end = () => [client, broker].forEach((socket) => socket.destroy());
    let chunks = 0;
    for (const socket of [client, broker]) {
      this.#sockets.add(socket);
      socket.on("error", end).on("close", end);
    }
    client.on("data", (data) => {
      chunks += 1;
      broker.write(data);
    });
    broker.on("data", (data) => {
      if (this.hasCut || chunks < 3) client.write(data);
      else {
        this.hasCut = true;
        end();
      }
    });
  }
}

function run({ url, version }, action, flags) {
  const child = spawn(PROGRAM, [action, "-L", url, "-V", version, ...flags].map(String), { stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (log += text));
  child.log = () => log;
  child.exited = once(child, "close").then(([code]) => code);
  running.add(child);
  child.once("exit", () => running.delete(child));
  return child;
}

const running = new Set();
// A program does not outlive the trial that started it, however it ends.
process.once("exit", () => running.forEach((child) => void child.kill("SIGKILL")));

/// What the program said last.
function why(client) {
  const said = client.log().trim().split("\n").filter((line) => line.startsWith("client: "));
  return (said.at(-1) ?? "nothing").replace("client: ", "").replaceAll("|", "\\|");
}

function times(count) {
  return ["does not arrive", "arrives once", "arrives twice"][count] ?? `arrives ${count} times`;
}

let names = 0;
function name() {
  names += 1;
  return `fourstep-${process.pid}-${names}`;
}
