// Runs a command with servers for it to talk to:
//
//   node tests/web/servers.mjs cargo test ...
//
// FOURSTEP_TEST_BROKER is a real mosquitto, and FOURSTEP_TEST_ODD a server that behaves as no broker
// should, each path in its own way.

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { Broker } from "../e2e/harness/broker.mjs";
import { HOST } from "../e2e/harness/net.mjs";

const TEXT = 0x1;
const BINARY = 0x2;
const CLOSE = 0x8;

const ACCEPTED = [0x20, 2, 0, 0];
const ACCEPTED_WITH_SESSION = [0x20, 2, 1, 0];
const ACCEPTED_V5 = [0x20, 3, 0, 0, 0];
const SHUTTING_DOWN = [0xe0, 2, 0x8b, 0];
const BAD_PASSWORD = [0x20, 2, 0, 4];
// PUBLISH, QoS 0, topic "a/b", payload "hi".
const PUBLISH = [0x30, 7, 0, 3, 0x61, 0x2f, 0x62, 0x68, 0x69];

// The same at QoS 2 with packet identifier 1, and its PUBREL.
const PUBLISH_QOS2 = [0x34, 9, 0, 3, 0x61, 0x2f, 0x62, 0, 1, 0x68, 0x69];
const PUBREL = [0x62, 2, 0, 1];

/// What each path, whatever its query, does once the client has sent something, which is its CONNECT.
const ODD = {
  "/silent": () => {},
  "/accept": (socket) => send(socket, BINARY, ACCEPTED),
  // Keeps the session of each client that was there before.
  "/resume": (socket, url) => {
    send(socket, BINARY, visited.has(url) ? ACCEPTED_WITH_SESSION : ACCEPTED);
    visited.add(url);
  },
  "/refuse": (socket) => send(socket, BINARY, BAD_PASSWORD),
  "/text": (socket) => send(socket, TEXT, [...Buffer.from("hello")]),
  "/slam": slam,
  // Slams the door on the first client, and lets the next one in.
  "/moody": (socket, url) => {
    const act = visited.has(url) ? ODD["/accept"] : slam;
    visited.add(url);
    act(socket);
  },
  "/cut": (socket) => {
    send(socket, BINARY, ACCEPTED);
    socket.end();
  },
  "/crumbs": (socket) => {
    for (const byte of [...ACCEPTED, ...PUBLISH]) send(socket, BINARY, [byte]);
    send(socket, BINARY, [...PUBLISH, ...PUBLISH, PUBLISH[0]]);
    send(socket, BINARY, PUBLISH.slice(1));
  },
  // As many packets as the query says in one message, and then the end.
  "/burst": (socket, url) => {
    send(socket, BINARY, ACCEPTED);
    const count = Number(url.split("?")[1]);
    send(socket, BINARY, Buffer.concat(Array.from({ length: count }, (_, n) => numbered(n))));
    send(socket, CLOSE, [0x03, 0xe9]);
    socket.end();
  },
  // Sends a QoS 2 message, and releases it once the client sends a PUBLISH.
  "/half": (socket) => {
    send(socket, BINARY, ACCEPTED);
    send(socket, BINARY, PUBLISH_QOS2);
    socket.on("data", (data) => {
      const type = unmask(data)[0] >> 4;
      if (type === 3) send(socket, BINARY, PUBREL);
    });
  },
  // Says why it goes, and goes, after a while.
  "/shutdown": (socket) => {
    send(socket, BINARY, ACCEPTED_V5);
    setTimeout(() => {
      send(socket, BINARY, SHUTTING_DOWN);
      send(socket, CLOSE, [0x03, 0xe9]);
      socket.end();
    }, 500);
  },
  // No subprotocol in the answer.
  "/other": () => {},
};

const visited = new Set();

const broker = await Broker.start();
const odd = createServer((_, response) => response.writeHead(404).end());
odd.on("upgrade", (request, socket) => {
  socket.on("error", () => {});
  const act = ODD[request.url.split("?")[0]];
  if (!act) return socket.end("HTTP/1.1 404 Not Found\r\n\r\n");
  socket.write(handshake(request));
  socket.once("data", () => act(socket, request.url));
});
odd.listen(0, HOST);
await once(odd, "listening");

const [command, ...args] = process.argv.slice(2);
const child = spawn(command, args, {
  stdio: "inherit",
  env: {
    ...process.env,
    FOURSTEP_TEST_BROKER: broker.webSocketUrl,
    FOURSTEP_TEST_ODD: `ws://${HOST}:${odd.address().port}`,
  },
});
// The servers do not outlive an interrupted run.
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => {
    child.kill(signal);
    process.exit(1);
  });
}
const [code] = await once(child, "exit");
await broker.stop();
process.exit(code ?? 1);

function handshake(request) {
  const accept = createHash("sha1")
    .update(`${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest("base64");
  const subprotocol = request.url === "/other" ? [] : ["Sec-WebSocket-Protocol: mqtt"];
  return [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${accept}`,
    ...subprotocol,
    "",
    "",
  ].join("\r\n");
}

function slam(socket) {
  const policyViolation = [0x03, 0xf0];
  send(socket, CLOSE, [...policyViolation, ...Buffer.from("who are you")]);
  socket.end();
}

// The payload of a client's short frame.
function unmask(frame) {
  const mask = frame.subarray(2, 6);
  return frame.subarray(6).map((byte, at) => byte ^ mask[at % 4]);
}

// Servers do not mask.
function send(socket, opcode, payload) {
  const head = Buffer.alloc(payload.length > 125 ? 10 : 2);
  head[0] = 0x80 | opcode;
  head[1] = payload.length > 125 ? 127 : payload.length;
  if (payload.length > 125) head.writeBigUInt64BE(BigInt(payload.length), 2);
  socket.write(Buffer.concat([head, Buffer.from(payload)]));
}

// PUBLISH, QoS 0, topic "a/b", with a number of four digits or more as payload.
function numbered(number) {
  const payload = Buffer.from(String(number).padStart(4, "0"));
  return Buffer.concat([Buffer.from([0x30, 5 + payload.length, 0, 3]), Buffer.from("a/b"), payload]);
}
