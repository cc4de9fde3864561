// MQTT.js behind the flags of mosquitto_pub and mosquitto_sub, as far as the tests use them. It runs
// in the process of the tests: a program of its own would do little else than start.

import { parseArgs } from "node:util";
import mqtt from "mqtt";

/// Runs `pub` or `sub` with these flags, as a child process would; `say` takes its output by lines.
export function run([action, ...args], say) {
  const flags = parse(args);
  const client = mqtt.connect(`${flags.ws ? "ws" : "mqtt"}://${flags.host}:${flags.port}`, settings(flags));
  const child = {
    exitCode: null,
    exited: new Promise((resolve) => client.once("close", resolve)).then(() => {
      child.exitCode ??= 0;
      return [child.exitCode];
    }),
    kill(signal) {
      if (signal === "SIGKILL") client.stream.destroy();
      else client.end();
    },
  };
  client.on("error", (error) => {
    say(error.message);
    child.exitCode = 1;
    client.end(true);
  });
  client.on("message", (topic, payload, { qos, retain }) => say(`>${topic} ${qos} ${Number(retain)} ${payload}`));
  client.on("connect", async () => {
    const qos = Number(flags.qos);
    if (action === "pub") {
      await client.publishAsync(flags.topic, flags.message, { qos, retain: flags.retain });
      client.end();
    } else {
      await client.subscribeAsync(flags.topic, { qos });
      say("subscribed");
    }
  });
  return child;
}

function settings(flags) {
  const is5 = flags.version === "mqttv5";
  const settings = { protocolVersion: is5 ? 5 : 4, reconnectPeriod: 0, clean: !flags.keep };
  if (flags.id) settings.clientId = flags.id;
  if (is5 && flags.expiry) settings.properties = { sessionExpiryInterval: Number(flags.expiry) };
  if (flags["will-topic"]) {
    settings.will = {
      topic: flags["will-topic"],
      payload: Buffer.from(flags["will-payload"]),
      qos: Number(flags["will-qos"]),
      retain: flags["will-retain"],
    };
  }
  return settings;
}

function parse(args) {
  const { values } = parseArgs({
    args,
    options: {
      host: { type: "string", short: "h" },
      port: { type: "string", short: "p" },
      version: { type: "string", short: "V" },
      id: { type: "string", short: "i" },
      topic: { type: "string", short: "t" },
      message: { type: "string", short: "m" },
      qos: { type: "string", short: "q", default: "0" },
      retain: { type: "boolean", short: "r", default: false },
      keep: { type: "boolean", short: "c", default: false },
      expiry: { type: "string", short: "x" },
      format: { type: "string", short: "F" },
      debug: { type: "boolean", short: "d" },
      ws: { type: "boolean" },
      "will-topic": { type: "string" },
      "will-payload": { type: "string" },
      "will-qos": { type: "string", default: "0" },
      "will-retain": { type: "boolean", default: false },
    },
  });
  return values;
}
