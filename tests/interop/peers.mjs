// MQTT clients by other people and our own, as programs with the flags of mosquitto_pub and
// mosquitto_sub.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { homedir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { HOST, until } from "../e2e/harness/net.mjs";
import * as mqttjs from "./peers/mqttjs.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache");
const tools = process.env.FOURSTEP_TOOLS ?? join(cache, "fourstep/tools");

const PROGRAMS = {
  // It would keep what it prints until its buffer is full.
  mosquitto: { pub: ["mosquitto_pub"], sub: ["stdbuf", "-oL", "mosquitto_sub"] },
  "MQTT.js": program("MQTT.js"),
  paho: program(join(tools, "paho/bin/python"), here("peers/paho_peer.py")),
  fourstep: program(here("../../target/debug/examples/client")),
};

/// Each way in which a client can talk: `{ kind, version, transport, name }`. Mosquitto's programs
/// know no WebSocket.
export const DIALECTS = Object.keys(PROGRAMS).flatMap((kind) =>
  ["mqttv311", "mqttv5"].flatMap((version) =>
    (kind === "mosquitto" ? ["tcp"] : ["tcp", "websocket"]).map((transport) => ({
      kind,
      version,
      transport,
      name: `${kind} ${version} ${transport}`,
    })),
  ),
);

/// Publishes one message, and returns once the flow of its QoS has ended.
export async function publish(broker, dialect, topic, payload, { qos = 0, retain = false } = {}) {
  const flags = ["-t", topic, "-m", payload, "-q", qos, ...(retain ? ["-r"] : [])];
  const child = start("pub", broker, dialect, flags);
  const [code] = await child.exited;
  if (code !== 0) throw new Error(`${dialect.name} published ${topic} and exited with ${code}:\n${child.lines.join("\n")}`);
}

/// A program that has subscribed.
export class Subscriber {
  #child;

  /// The messages received, in order, each as `TOPIC QOS RETAIN PAYLOAD`.
  messages = [];

  /// Starts a program and waits until it has subscribed. `flags` are more of its flags.
  static async start(broker, dialect, filter, { qos = 2, flags = [] } = {}) {
    const subscriber = new Subscriber();
    const format = ["-F", ">%t %q %r %p", "-d"];
    let hasSubscribed = false;
    const child = start("sub", broker, dialect, ["-t", filter, "-q", qos, ...format, ...flags], (line) => {
      if (line.startsWith(">")) subscriber.messages.push(line.slice(1));
      else if (/subscribed/i.test(line)) hasSubscribed = true;
    });
    subscriber.#child = child;
    await until(() => hasSubscribed || child.exitCode !== null, `${dialect.name} subscribes`, PATIENCE).catch(() => {});
    if (hasSubscribed) return subscriber;
    await subscriber.kill();
    throw new Error(`${dialect.name} could not subscribe to ${filter}:\n${child.lines.join("\n")}`);
  }

  /// Waits until at least `count` messages have been received.
  async received(count) {
    await until(() => this.messages.length >= count, `${count} messages received`, PATIENCE).catch((error) => {
      throw new Error(`${error.message}; received ${JSON.stringify(this.messages)}\n${this.#child.lines.join("\n")}`);
    });
    return this.messages;
  }

  /// Ends the program in order: it disconnects.
  dispose() {
    return this.#end("SIGTERM");
  }

  /// Ends the program as a crash does.
  kill() {
    return this.#end("SIGKILL");
  }

  async #end(signal) {
    this.#child.kill(signal);
    await this.#child.exited;
  }
}

function program(...command) {
  return { pub: [...command, "pub"], sub: [...command, "sub"] };
}

function start(action, broker, { kind, version, transport }, flags, onLine = () => {}) {
  const isWebSocket = transport === "websocket";
  const port = isWebSocket ? broker.webSocketPort : broker.tcpPort;
  const address = ["-h", HOST, "-p", port, ...(isWebSocket ? ["--ws"] : [])];
  const command = [...PROGRAMS[kind][action], ...address, "-V", version, ...flags].map(String);
  const lines = [];
  const say = (line) => {
    lines.push(line);
    onLine(line);
  };
  const child = kind === "MQTT.js" ? mqttjs.run(command.slice(1), say) : launch(command, say);
  child.lines = lines;
  return child;
}

function launch([command, ...args], say) {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  for (const stream of [child.stdout, child.stderr]) {
    createInterface(stream).on("line", say);
  }
  child.exited = once(child, "close");
  running.add(child);
  child.once("exit", () => running.delete(child));
  return child;
}

const running = new Set();
// A program does not outlive the tests that started it, however they end.
process.once("exit", () => running.forEach((child) => child.kill("SIGKILL")));

/// Many programs start at once, on a machine that may have other things to do: milliseconds.
const PATIENCE = 30_000;
