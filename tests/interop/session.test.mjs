// The example client's session: in a file, in memory, in use, and unknown. The server does as it is told.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { HOST, until } from "../e2e/harness/net.mjs";
import { splitPackets } from "../e2e/harness/websocket.mjs";

const PROGRAM = fileURLToPath(new URL("../../target/debug/examples/client", import.meta.url));
const [CONNECT, PUBLISH, PUBREL, SUBSCRIBE, DISCONNECT] = [1, 3, 6, 8, 14];
const PATIENCE = 30_000;

describe("the example client's session", { timeout: 120_000 }, () => {
  let folder;
  before(async () => (folder = await mkdtemp(join(tmpdir(), "fourstep-"))));
  after(() => rm(folder, { recursive: true, force: true }));

  const withServer = (name, trial) =>
    test(name, async (context) => {
      const server = await Server.start();
      const children = [];
      context.after(() => {
        children.forEach((child) => child.kill("SIGKILL"));
        server.dispose();
      });
      const file = join(folder, name.replaceAll(/\W+/g, "-"));
      const run = (...flags) => {
        const child = client(server.port, flags);
        children.push(child);
        return child;
      };
      await trial({ server, file, run });
    });

  for (const version of ["mqttv311", "mqttv5"]) {
    withServer(`--session goes on with a QoS 2 message after the program was killed, ${version} [MQTT-4.4.0-1]`, async ({ server, file, run }) => {
      const flags = ["-V", version, "-i", "s", "--session", file, "-t", "a", "-q", 2];
      const first = run("pub", ...flags, "-m", "one");
      await until(() => server.received(PUBLISH).length === 1, "the first PUBLISH", PATIENCE);
      first.kill("SIGKILL");
      await first.exited;
      // What the packet depends on was in the file before it left.
      assert.match(await readFile(file, "utf8"), /^\+ outbound \d+ [0-9a-f]+$/m);

      server.sessionPresent = 1;
      server.answers = true;
      const second = run("pub", ...flags, "-m", "two");
      assert.equal(await second.exited, 0, second.log());
      const [sent, again, other] = server.received(PUBLISH);
      assert.equal(again[0], sent[0] | 0x08, "the copy has DUP set and is else the same");
      assert.deepEqual(again.subarray(1), sent.subarray(1));
      assert.ok(other.includes("two"));
      assert.equal(server.received(PUBREL).length, 2);
      assert.ok(!/^\+ outbound/m.test(last(await readFile(file, "utf8"))), "nothing is left in the file");
    });

    withServer(`a session that the client does not hold is taken over for receiving alone, ${version}`, async ({ server, run }) => {
      server.sessionPresent = 1;
      server.answers = true;
      const sub = run("sub", "-V", version, "-i", "s", "-c", "-t", "a", "-d");
      await until(() => /subscribed/.test(sub.log()), "it subscribes", PATIENCE);
      const pub = run("pub", "-V", version, "-i", "s", "-c", "-t", "a", "-m", "one", "-q", 2);
      assert.equal(await pub.exited, 1);
      assert.match(pub.log(), /--session FILE/);
      assert.deepEqual(server.received(PUBLISH), []);
    });

    withServer(`a subscriber that comes back asks for nothing that the server has, ${version}`, async ({ server, run }) => {
      server.answers = true;
      const sub = run("sub", "-V", version, "-i", "s", "-c", "-t", "a");
      await until(() => server.received(SUBSCRIBE).length === 1, "SUBSCRIBE", PATIENCE);
      server.sessionPresent = 1;
      server.cut();
      await until(() => server.received(CONNECT).length === 2, "the client comes back", PATIENCE);
      // And if the server has lost it, once.
      server.sessionPresent = 0;
      server.cut();
      await until(() => server.received(SUBSCRIBE).length === 2, "SUBSCRIBE again", PATIENCE);
      sub.kill("SIGTERM");
      await sub.exited;
      assert.equal(server.received(SUBSCRIBE).length, 2);
    });
  }

  withServer("--session refuses a file that another program has open, or of another session", async ({ server, file, run }) => {
    server.answers = true;
    const sub = run("sub", "-i", "s", "--session", file, "-t", "a", "-d");
    await until(() => /subscribed/.test(sub.log()), "it subscribes", PATIENCE);
    const other = run("sub", "-i", "s", "--session", file, "-t", "a");
    assert.equal(await other.exited, 1);
    assert.match(other.log(), /another program has this session open/);
    sub.kill("SIGKILL");
    await sub.exited;
    const third = run("sub", "-i", "t", "--session", file, "-t", "a");
    assert.equal(await third.exited, 1);
    assert.match(third.log(), /the session of another client or server/);
    await writeFile(file, "something else\n");
    const fourth = run("sub", "-i", "s", "--session", file, "-t", "a");
    assert.equal(await fourth.exited, 1);
    assert.match(fourth.log(), /no session of this program/);
    assert.equal(await readFile(file, "utf8"), "something else\n");
  });

  withServer("--session forgets a commit that was cut short", async ({ server, file, run }) => {
    const entry = `fourstep session 1 ${HOST}:${server.port} s\n+ session 0 01\n.\n`;
    await writeFile(file, `${entry}+ outbound 1 30`);
    server.sessionPresent = 1;
    server.answers = true;
    const pub = run("pub", "-i", "s", "--session", file, "-t", "a", "-m", "one", "-q", 1);
    assert.equal(await pub.exited, 0, pub.log());
    assert.equal(server.received(PUBLISH).length, 1);
  });

  withServer("-W says goodbye and ends although the peer never closes", async ({ server, run }) => {
    server.answers = true;
    server.keepsOpen = true;
    const sub = run("sub", "-i", "s", "-t", "a", "-W", 1);
    assert.equal(await sub.exited, 27);
    await until(() => server.received(DISCONNECT).length === 1, "DISCONNECT", PATIENCE);
  });
});

/// The part of a log behind its last rewriting is all of it, as the program ended without one: what
/// every line together leaves.
function last(log) {
  const left = new Map();
  for (const line of log.split("\n")) {
    const [sign, kind, number] = line.split(" ");
    if (sign === "+") left.set(`${kind} ${number}`, line);
    if (sign === "-") left.delete(`${kind} ${number}`);
  }
  return [...left.values()].join("\n");
}

function client(port, [action, ...flags]) {
  const child = spawn(PROGRAM, [action, "-h", HOST, "-p", port, ...flags].map(String), { stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (log += text));
  child.log = () => log;
  child.exited = once(child, "close").then(([code]) => code);
  return child;
}

/// A server that answers CONNECT, and the rest if it is told to.
class Server {
  #server;
  #sockets = new Set();
  #packets = [];
  sessionPresent = 0;
  answers = false;
  keepsOpen = false;

  static async start() {
    const server = new Server();
    server.#server = createServer({ allowHalfOpen: true }, (socket) => server.#serve(socket));
    server.#server.listen(0, HOST);
    await once(server.#server, "listening");
    server.port = server.#server.address().port;
    return server;
  }

  /// The packets of this type that have come, over all connections.
  received(type) {
    return this.#packets.filter((packet) => packet[0] >> 4 === type);
  }

  /// Ends every connection without a word.
  cut() {
    this.#sockets.forEach((socket) => socket.destroy());
  }

  dispose() {
    this.cut();
    this.#server.close();
  }

  #serve(socket) {
    this.#sockets.add(socket);
    let rest = Buffer.alloc(0);
    let isNew = false;
    socket.on("error", () => {});
    socket.on("end", () => this.keepsOpen || socket.end());
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("data", (data) => {
      rest = Buffer.concat([rest, data]);
      for (const packet of splitPackets(rest)) {
        rest = rest.subarray(packet.length);
        this.#packets.push(packet);
        const type = packet[0] >> 4;
        if (type === CONNECT) {
          isNew = packet[8] === 5;
          socket.write(Buffer.from([0x20, isNew ? 3 : 2, this.sessionPresent, 0, ...(isNew ? [0] : [])]));
        } else if (this.answers) {
          this.#answer(socket, type, packet, isNew);
        }
      }
    });
  }

  #answer(socket, type, packet, isNew) {
    if (type === PUBLISH) {
      // The identifier stands behind the topic.
      const place = 4 + packet.readUInt16BE(2);
      const answer = (packet[0] >> 1) & 2 ? 0x50 : 0x40;
      socket.write(Buffer.from([answer, 2, packet[place], packet[place + 1]]));
    } else if (type === PUBREL) {
      socket.write(Buffer.from([0x70, 2, packet[2], packet[3]]));
    } else if (type === SUBSCRIBE) {
      socket.write(Buffer.from([0x90, isNew ? 4 : 3, packet[2], packet[3], ...(isNew ? [0] : []), 0]));
    }
  }
}
