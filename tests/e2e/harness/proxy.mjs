// A plain TCP proxy between page and broker. It records the raw bytes of both directions, so that a
// test can compare them with what the page says it sent and received.

import { once } from "node:events";
import { connect, createServer } from "node:net";
import { HOST } from "./net.mjs";
import { decodeWebSocket } from "./websocket.mjs";

export class Proxy {
  #server;
  #targetPort;

  /// One for each connection that was made, in order.
  connections = [];

  /// Called with each new connection before anything is passed on.
  onConnection = () => {};

  static async start(targetPort) {
    const proxy = new Proxy();
    proxy.#targetPort = targetPort;
    proxy.#server = createServer((socket) => proxy.#accept(socket)).listen(0, HOST);
    await once(proxy.#server, "listening");
    return proxy;
  }

  get port() {
    return this.#server.address().port;
  }

  get webSocketUrl() {
    return `ws://${HOST}:${this.port}`;
  }

  /// Cuts every open connection, on both sides at once.
  cut() {
    for (const connection of this.connections) connection.cut();
  }

  async dispose() {
    this.cut();
    this.#server.close();
    await once(this.#server, "close");
  }

  #accept(client) {
    const broker = connect(this.#targetPort, HOST);
    const connection = new Connection(client, broker);
    this.connections.push(connection);
    this.onConnection(connection);
  }
}

class Connection {
  #client;
  #broker;
  #chunks = { toBroker: [], toClient: [] };

  /// Called with the direction and the chunk before it is passed on; `false` withholds it and cuts.
  /// A chunk is what TCP delivered, which may be several packets or part of one.
  onChunk = () => true;

  constructor(client, broker) {
    this.#client = client;
    this.#broker = broker;
    this.#pass("toBroker", client, broker);
    this.#pass("toClient", broker, client);
  }

  /// The raw bytes that were passed on, `direction` being "toBroker" or "toClient".
  raw(direction) {
    return Buffer.concat(this.#chunks[direction]);
  }

  /// The HTTP head, the frames, and the MQTT bytes of one direction; see `decodeWebSocket`.
  webSocket(direction) {
    return decodeWebSocket(this.raw(direction));
  }

  /// The MQTT bytes of one direction.
  mqtt(direction) {
    return this.webSocket(direction).data;
  }

  /// Holds one direction back, as a link does that stalls, until `release`.
  hold(direction) {
    this.#source(direction).pause();
  }

  release(direction) {
    this.#source(direction).resume();
  }

  get open() {
    return !this.#client.destroyed && !this.#broker.destroyed;
  }

  cut() {
    this.#client.destroy();
    this.#broker.destroy();
  }

  #source(direction) {
    return direction === "toBroker" ? this.#client : this.#broker;
  }

  #pass(direction, from, to) {
    from.setNoDelay(true);
    from.on("data", (chunk) => {
      if (this.onChunk(direction, chunk) === false) return this.cut();
      this.#chunks[direction].push(chunk);
      to.write(chunk);
    });
    from.on("end", () => to.end());
    // Either side may break off; then the other one sees a broken connection too.
    from.on("error", () => this.cut());
    from.on("close", () => to.destroySoon());
  }
}
