// aedes on a WebSocket: node aedes.mjs PORT

import { createServer } from "node:http";
import Aedes from "aedes";
import { createWebSocketStream, WebSocketServer } from "ws";

const aedes = new Aedes();
const http = createServer();
new WebSocketServer({ server: http }).on("connection", (socket, request) => {
  const stream = createWebSocketStream(socket);
  stream.on("error", () => {});
  aedes.handle(stream, request);
});
http.listen(Number(process.argv[2]), "127.0.0.1");
