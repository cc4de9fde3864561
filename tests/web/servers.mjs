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
const BAD_PASSWORD = [0x20, 2, 0, 4];
// PUBLISH, QoS 0, topic "a/b", payload "hi".
const PUBLISH = [0x30, 7, 0, 3, 0x61, 0x2f, 0x62, 0x68, 0x69];

/// What each path, whatever its query, does once the client has sent something, which is its CONNECT.
const ODD = {
  "/silent": () => {},
  "/accept": (socket) => send(socket, BINARY, ACCEPTED),
  "/resume": (socket) => send(socket, BINARY, ACCEPTED_WITH_SESSION),
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

// Servers do not mask, and nothing here is longer than 125 bytes.
function send(socket, opcode, payload) {
  socket.write(Buffer.from([0x80 | opcode, payload.length, ...payload]));
}
