// A real mosquitto, on ports of its own, which can be killed and started again.

import { spawn } from "node:child_process";
import { pbkdf2Sync, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HOST, accepts, freePort, until } from "./net.mjs";
import { program } from "./programs.mjs";

export class Broker {
  #directory;
  #process = null;
  #exited = null;
  #log = "";

  /// Starts a broker. `config` is lines for mosquitto.conf, such as `["max_inflight_messages 5"]`;
  /// `listener` is lines for the WebSocket listener, such as `["max_qos 1"]`. With `users`, an object
  /// of names and passwords, it lets nobody else in.
  static async start({ config = [], listener = [], users = null } = {}) {
    const broker = new Broker();
    broker.#directory = await mkdtemp(join(tmpdir(), "fourstep-broker-"));
    broker.tcpPort = await freePort();
    broker.webSocketPort = await freePort();
    const access = users ? await broker.#admit(users) : ["allow_anonymous true"];
    const settings = broker.#settings([...access, ...config], listener);
    await writeFile(broker.#path("mosquitto.conf"), settings);
    await broker.restart();
    return broker;
  }

  /// For MQTT over plain TCP.
  get tcpUrl() {
    return `mqtt://${HOST}:${this.tcpPort}`;
  }

  /// For MQTT over WebSockets.
  get webSocketUrl() {
    return `ws://${HOST}:${this.webSocketPort}`;
  }

  /// What mosquitto wrote.
  get log() {
    return this.#log;
  }

  /// Starts the broker on the same ports with what it stored, and waits until it accepts.
  async restart() {
    await this.stop();
    const child = spawn(program("MOSQUITTO"), ["-c", this.#path("mosquitto.conf")], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (text) => (this.#log += text));
    }
    this.#process = child;
    this.#exited = once(child, "exit");
    // A broker does not outlive the tests that started it, however they end.
    const reap = () => child.kill("SIGKILL");
    process.once("exit", reap);
    child.once("exit", () => process.off("exit", reap));
    await until(async () => {
      if (child.exitCode !== null) throw new Error(`mosquitto ended:\n${this.#log}`);
      return (await accepts(this.tcpPort)) && (await accepts(this.webSocketPort));
    }, "mosquitto accepts connections");
  }

  /// Ends the broker in order: it stores its sessions and closes its connections.
  stop() {
    return this.#end("SIGTERM");
  }

  /// Ends the broker as a crash does. What it did not store by then is lost.
  kill() {
    return this.#end("SIGKILL");
  }

  /// Has the broker store everything now, and waits until this text is part of it. By itself it does
  /// so only when a queue, a subscription or a retained message has changed.
  async store(text) {
    this.#process.kill("SIGUSR1");
    // Stored under another name first and then renamed, so that it is always whole.
    const stored = () => readFile(this.#path("mosquitto.db")).catch(() => Buffer.alloc(0));
    await until(async () => (await stored()).includes(text), `mosquitto has stored "${text}"`);
  }

  /// Ends the broker as a crash does, and removes what it stored.
  async forget() {
    await this.kill();
    await rm(this.#path("mosquitto.db"), { force: true });
  }

  /// Ends the broker and removes what it stored.
  async dispose() {
    await this.kill();
    await rm(this.#directory, { recursive: true, force: true });
  }

  async #end(signal) {
    if (!this.#process) return;
    this.#process.kill(signal);
    await this.#exited;
    this.#process = null;
  }

  #path(name) {
    return join(this.#directory, name);
  }

  async #admit(users) {
    const lines = Object.entries(users).map(([name, password]) => `${name}:${hashed(password)}\n`);
    await writeFile(this.#path("passwords"), lines.join(""));
    return ["allow_anonymous false", `password_file ${this.#path("passwords")}`];
  }

  #settings(config, listener) {
    return [
      "per_listener_settings false",
      // Only matters to root: the directory belongs to whoever runs the tests.
      "user root",
      "persistence true",
      `persistence_location ${this.#directory}/`,
      // Store after every change, at the end of the turn of mosquitto's loop that made it. An
      // acknowledgement may leave within that turn, so a kill right behind it can lose the message.
      "autosave_on_changes true",
      "autosave_interval 1",
      "max_queued_messages 0",
      "log_dest stderr",
      "log_type all",
      ...config,
      `listener ${this.tcpPort} ${HOST}`,
      "protocol mqtt",
      `listener ${this.webSocketPort} ${HOST}`,
      "protocol websockets",
      ...listener,
      "",
    ].join("\n");
  }
}

// As mosquitto_passwd does it.
function hashed(password) {
  const [salt, iterations] = [randomBytes(12), 101];
  const hash = pbkdf2Sync(password, salt, iterations, 64, "sha512");
  return `$7$${iterations}$${salt.toString("base64")}$${hash.toString("base64")}`;
}
