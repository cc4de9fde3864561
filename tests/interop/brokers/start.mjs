// Brokers by other people, each on ports and in a folder of its own: what they are, and how they
// start and end.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Broker } from "../../e2e/harness/broker.mjs";
import { accepts, freePort, HOST, until } from "../../e2e/harness/net.mjs";

const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache");
const tools = process.env.FOURSTEP_TOOLS ?? join(cache, "fourstep/tools");
const RABBITMQ = "/usr/lib/rabbitmq/lib";
/// Milliseconds: RabbitMQ starts slowly, and slower on a busy machine.
const PATIENCE = 180_000;

/// Name, version, and how to start it. What starts has `webSocketPort`, the path of its WebSocket,
/// and `dispose`.
export const BROKERS = [
  { name: "mosquitto", version: mosquittoVersion, start: startMosquitto },
  { name: "aedes", version: aedesVersion, start: startAedes },
  { name: "amqtt", version: amqttVersion, start: startAmqtt },
  { name: "RabbitMQ", version: rabbitVersion, start: startRabbit },
];

async function startMosquitto() {
  const broker = await Broker.start();
  return { port: broker.webSocketPort, path: "/", dispose: () => broker.dispose() };
}

async function startAedes() {
  const port = await freePort();
  const program = fileURLToPath(new URL("aedes.mjs", import.meta.url));
  return running("aedes", process.execPath, [program, port], { port, path: "/" });
}

async function startAmqtt() {
  const folder = await mkdtemp(join(tmpdir(), "fourstep-amqtt-"));
  const port = await freePort();
  const settings = [
    "listeners:",
    "  default:",
    "    type: tcp",
    `    bind: ${HOST}:${await freePort()}`,
    "  web:",
    "    type: ws",
    `    bind: ${HOST}:${port}`,
    "plugins:",
    "  amqtt.plugins.authentication.AnonymousAuthPlugin:",
    "    allow_anonymous: true",
  ];
  const file = join(folder, "amqtt.yaml");
  await writeFile(file, `${settings.join("\n")}\n`);
  return running("amqtt", join(tools, "amqtt/bin/amqtt"), ["-c", file], { port, path: "/", folder });
}

/// A node with its own name, folder, ports, and epmd, which is a child of ours: nothing is left when
/// it has ended.
async function startRabbit() {
  const folder = await mkdtemp(join(tmpdir(), "fourstep-rabbitmq-"));
  const [port, mqtt, amqp, distribution, epmdPort] = await Promise.all(Array.from({ length: 5 }, freePort));
  await writeFile(join(folder, "enabled_plugins"), "[rabbitmq_mqtt,rabbitmq_web_mqtt].\n");
  const settings = [
    `listeners.tcp.1 = ${HOST}:${amqp}`,
    `mqtt.listeners.tcp.1 = ${HOST}:${mqtt}`,
    "mqtt.allow_anonymous = true",
    `web_mqtt.tcp.ip = ${HOST}`,
    `web_mqtt.tcp.port = ${port}`,
    "web_mqtt.ws_path = /mqtt",
    "log.file = false",
    "log.console = true",
  ];
  await writeFile(join(folder, "rabbitmq.conf"), `${settings.join("\n")}\n`);
  const env = {
    ...process.env,
    HOME: folder,
    ERL_EPMD_PORT: String(epmdPort),
    ERL_EPMD_ADDRESS: HOST,
    RABBITMQ_NODENAME: `fourstep-${process.pid}@localhost`,
    RABBITMQ_DIST_PORT: String(distribution),
    RABBITMQ_CONFIG_FILE: join(folder, "rabbitmq.conf"),
    RABBITMQ_CONF_ENV_FILE: join(folder, "rabbitmq-env.conf"),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, "enabled_plugins"),
    RABBITMQ_MNESIA_BASE: join(folder, "mnesia"),
    RABBITMQ_LOG_BASE: join(folder, "log"),
    RABBITMQ_PID_FILE: join(folder, "pid"),
  };
  const epmd = child("epmd", "epmd", ["-port", String(epmdPort), "-address", HOST], env);
  await until(() => accepts(epmdPort), "epmd accepts", PATIENCE);
  const program = join(RABBITMQ, `rabbitmq_server-${await rabbitVersion()}`, "sbin/rabbitmq-server");
  try {
    const broker = await running("RabbitMQ", program, [], { port, path: "/mqtt", folder, env });
    return { ...broker, dispose: async () => Promise.all([broker.dispose(), end(epmd)]) };
  } catch (error) {
    await end(epmd);
    throw error;
  }
}

async function mosquittoVersion() {
  const output = await said("mosquitto", ["-h"]);
  return /version (\S+)/.exec(output)[1];
}

async function aedesVersion() {
  const file = new URL("../../../node_modules/aedes/package.json", import.meta.url);
  return JSON.parse(await readFile(file, "utf8")).version;
}

async function amqttVersion() {
  const code = 'from importlib.metadata import version; print(version("amqtt"))';
  return (await said(join(tools, "amqtt/bin/python"), ["-c", code])).trim();
}

async function rabbitVersion() {
  const folders = await readdir(RABBITMQ);
  const folder = folders.find((name) => name.startsWith("rabbitmq_server-"));
  if (!folder) throw new Error("RabbitMQ is not there: run `make setup-interop`");
  return folder.replace("rabbitmq_server-", "");
}

/// Starts a program and waits until it accepts connections on its port.
async function running(name, command, flags, { port, path, folder, env }) {
  const process = child(name, command, flags, env);
  const dispose = async () => {
    await end(process);
    if (folder) await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
  try {
    await until(async () => {
      if (process.exitCode !== null) throw new Error(`${name} ended:\n${process.log()}`);
      return accepts(port);
    }, `${name} accepts connections`, PATIENCE);
  } catch (error) {
    await dispose();
    throw new Error(`${error.message}\n${process.log()}`);
  }
  return { port, path, dispose };
}

/// A program in a process group of its own: some start others.
function child(name, command, flags, env = process.env) {
  const started = spawn(command, flags.map(String), { env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  for (const stream of [started.stdout, started.stderr]) stream.on("data", (text) => (log += text));
  started.log = () => log;
  started.on("error", (error) => (log += `${name}: ${error.message}`));
  started.exited = once(started, "close").catch(() => {});
  started.signal = (signal) => {
    try {
      process.kill(-started.pid, signal);
    } catch {
      // It has ended already.
    }
  };
  children.add(started);
  started.once("exit", () => children.delete(started));
  return started;
}

const children = new Set();
// A broker does not outlive the program that started it, however that ends.
process.once("exit", () => children.forEach((started) => void started.signal("SIGKILL")));

/// Ends a program and those that it started, in order if it does so in time.
async function end(started) {
  if (started.pid === undefined) return;
  started.signal("SIGTERM");
  const reaper = setTimeout(() => started.signal("SIGKILL"), 20_000);
  await started.exited;
  clearTimeout(reaper);
  started.signal("SIGKILL");
}

async function said(command, flags) {
  const started = child(command, command, flags, { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` });
  await started.exited;
  return started.log();
}
