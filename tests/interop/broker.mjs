// examples/broker, on ports of its own.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { HOST, until } from "../e2e/harness/net.mjs";

const PROGRAM = fileURLToPath(new URL("../../target/debug/examples/broker", import.meta.url));

export class ExampleBroker {
  #process;
  #exited;
  #log = "";

  /// Starts a broker with more flags, and waits until it listens.
  static async start(...flags) {
    const broker = new ExampleBroker();
    const listen = ["--tcp", `${HOST}:0`, "--websocket", `${HOST}:0`];
    const child = spawn(PROGRAM, [...listen, ...flags.map(String)], { stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (text) => (broker.#log += text));
    }
    broker.#process = child;
    broker.#exited = once(child, "close");
    const reap = () => child.kill("SIGKILL");
    process.once("exit", reap);
    child.once("exit", () => process.off("exit", reap));
    await until(() => {
      if (child.exitCode !== null) throw new Error(`the broker ended:\n${broker.#log}`);
      broker.tcpPort = broker.#port("tcp");
      broker.webSocketPort = broker.#port("websocket");
      return broker.tcpPort && broker.webSocketPort;
    }, "the broker listens");
    return broker;
  }

  /// What the broker wrote.
  get log() {
    return this.#log;
  }

  /// Its resident memory, in bytes.
  async memory() {
    const status = await readFile(`/proc/${this.#process.pid}/status`, "utf8");
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)[1]) * 1024;
  }

  /// Asks it to end, and returns its exit code.
  async dispose() {
    this.#process.kill("SIGTERM");
    const [code] = await this.#exited;
    return code;
  }

  #port(transport) {
    return Number(new RegExp(`^listening on ${transport} .*:(\\d+)$`, "m").exec(this.#log)?.[1]);
  }
}
