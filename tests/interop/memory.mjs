// Prints what the example broker takes while WebSocket messages of 16 MiB come to it, one byte short:
// the engine sees bytes, and no message is held beside it.

import { once } from "node:events";
import { connect } from "node:net";
import { HOST } from "../e2e/harness/net.mjs";
import { ExampleBroker } from "./broker.mjs";
import { connectPacket } from "./raw.mjs";

const CONNECTIONS = 20;
const MESSAGE = 16 << 20;
/// Bytes that connections may take beside what the engine counts: a chunk each, and what the system buffers.
const ALLOWANCE = 24 << 20;
const MIB = 1 << 20;

const attacks = [
  ["before CONNECT", 0x10, []],
  ["after CONNECT, above the largest packet", 0x30, [connectPacket()]],
];
for (const [name, first, packets] of attacks) {
  const broker = await ExampleBroker.start("--maximum-packet-size", MIB);
  const before = await broker.memory();
  await Promise.all(Array.from({ length: CONNECTIONS }, () => attack(broker.webSocketPort, first, packets)));
  const more = (await broker.memory()) - before;
  await broker.dispose();
  const sizes = `${CONNECTIONS} messages of ${MESSAGE / MIB} MiB: ${(more / MIB).toFixed(1)} MiB, at most ${ALLOWANCE / MIB}`;
  console.log(`WebSocket, ${name}: ${sizes}`);
  if (more > ALLOWANCE) process.exitCode = 1;
}

/// One connection, until the broker ends it.
async function attack(port, first, packets) {
  const socket = connect(port, HOST);
  socket.on("error", () => {});
  const closed = new Promise((resolve) => void socket.once("close", resolve));
  socket.write(
    `GET / HTTP/1.1\r\nHost: ${HOST}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n` +
      "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n",
  );
  await once(socket, "data");
  socket.resume();
  for (const packet of packets) socket.write(Buffer.concat([Buffer.from([0x82, 0x80 | packet.length, 0, 0, 0, 0]), packet]));
  // The head of a frame, with a mask of zeros, and of a packet as large as it.
  socket.write(Buffer.from("82ff000000000100000000000000", "hex"));
  socket.write(Buffer.concat([Buffer.from([first, 0xfb, 0xff, 0xff, 0x07]), Buffer.alloc(MESSAGE - 6)]));
  await closed;
}
