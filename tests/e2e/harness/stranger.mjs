// A server that is not what the page expects: no WebSocket, no MQTT, or broken MQTT.

import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { HOST } from "./net.mjs";

export class Stranger {
  #server;
  #sockets = new Set();

  /// `upgrade(request)` returns the HTTP answer to a WebSocket handshake, such as `accept("mqtt")`.
  /// `answer(socket)` is called when the first bytes have come after it.
  static async start(upgrade, answer = () => {}) {
    const stranger = new Stranger();
    stranger.#server = createServer((_, response) => response.writeHead(404).end());
    stranger.#server.on("upgrade", (request, socket) => {
      stranger.#sockets.add(socket);
      socket.on("error", () => {});
      socket.write(upgrade(request));
      socket.once("data", () => answer(socket));
    });
    stranger.#server.listen(0, HOST);
    await once(stranger.#server, "listening");
    return stranger;
  }

  get webSocketUrl() {
    return `ws://${HOST}:${this.#server.address().port}/`;
  }

  async dispose() {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }
}

/// Accepts the WebSocket handshake with this subprotocol, or with none.
export function accept(subprotocol) {
  return (request) => {
    const key = `${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    return [
      "HTTP/1.1 101 Switching Protocols",
      "Upgrade: websocket",
      "Connection: Upgrade",
      `Sec-WebSocket-Accept: ${createHash("sha1").update(key).digest("base64")}`,
      ...(subprotocol ? [`Sec-WebSocket-Protocol: ${subprotocol}`] : []),
      "\r\n",
    ].join("\r\n");
  };
}

/// Refuses it.
export const refuse = () => "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/// A binary frame with these bytes; a text frame if they are a string.
export function frame(content) {
  const payload = Buffer.from(content);
  const opcode = typeof content === "string" ? 0x1 : 0x2;
  return Buffer.concat([Buffer.from([0x80 | opcode, payload.length]), payload]);
}
