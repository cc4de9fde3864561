// The sensor's programs for other people's client libraries (examples/sensor), on mosquitto: each
// publishes what it says.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import mqtt from "mqtt";
import { Broker } from "../e2e/harness/broker.mjs";
import { HOST, until } from "../e2e/harness/net.mjs";
import { ExampleBroker } from "./broker.mjs";

const TARGET = fileURLToPath(new URL("../../target", import.meta.url));
const FOLDER = join(TARGET, "snippets");
const MANIFEST = fileURLToPath(new URL("snippets", import.meta.url));
const CACHE = process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache");
const TOOLS = process.env.FOURSTEP_TOOLS ?? join(CACHE, "fourstep/tools");

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: that is what is awkward in them.
const AWKWARD = "sensor/\"a\" 'b' \\n ${c} {d} %s `e` é 温度 😀 \"\"\" \\";
const LOGIN = { username: "a\"d'a\\ ${x}", password: "pass \"word\\" };
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: the rest is plain.

/// Settings: what differs from 3.1.1, QoS 0, TCP, a session that ends, and no login.
const CASES = [
  { says: "3.1.1, QoS 0" },
  { says: "3.1.1, QoS 1", qos: 1 },
  { says: "3.1.1, QoS 2, WebSocket", qos: 2, websocket: true },
  { says: "3.1.1, a session that stays", qos: 1, keep: true },
  { says: "5.0, QoS 0, WebSocket", version: 5, websocket: true },
  { says: "5.0, QoS 1", version: 5, qos: 1 },
  { says: "5.0, QoS 2", version: 5, qos: 2 },
  { says: "5.0, a session that stays", version: 5, qos: 2, keep: true, flags: ["-x", 60] },
  { says: "an awkward topic, retained", version: 5, qos: 1, topic: AWKWARD, retain: true },
  { says: "a login", qos: 2, login: true },
  { says: "a login in 5.0", version: 5, qos: 1, login: true },
  {
    says: "falling in tenths",
    qos: 1,
    flags: ["--start", "0.3", "--step=-0.1"],
    readings: ["0.3", "0.2", "0.1", "0.0", "-0.1", "-0.2", "-0.3", "-0.4", "-0.5", "-0.6"],
  },
];

/// How a program is started, from its name. The one in Rust has been built by then.
const LANGUAGES = {
  "paho-mqtt": { ending: "py", start: (path) => [join(TOOLS, "paho/bin/python"), path] },
  "MQTT.js": { ending: "mjs", start: (path) => [process.execPath, path] },
  rumqttc: { ending: "rs", start: (_, name) => [join(FOLDER, "build/debug", name)] },
};

const READINGS = ["20.0", "20.5", "21.0", "21.5", "22.0", "22.5", "23.0", "23.5", "24.0", "24.5"];

describe("the sensor on mosquitto", { timeout: 600_000 }, () => {
  let open;
  let closed;
  let refusing;
  before(async () => {
    [open, closed, refusing] = await Promise.all([
      Broker.start(),
      Broker.start({ users: { [LOGIN.username]: LOGIN.password } }),
      ExampleBroker.start("--deny-publish", "#"),
    ]);
    await rm(join(FOLDER, "src"), { recursive: true, force: true });
    await mkdir(join(FOLDER, "src/bin"), { recursive: true });
    await each((program) => writeProgram(program, program.case.login ? closed : open));
    const tcpUrl = `mqtt://${HOST}:${refusing.tcpPort}`;
    await Promise.all(refused().map((program) => writeProgram(program, { tcpUrl })));
    await buildRust();
  });
  after(() => Promise.all([open?.dispose(), closed?.dispose(), refusing?.dispose()]));

  for (const program of programs()) {
    const { says, version = 4, qos = 0, retain = false, keep = false, login, readings = READINGS } = program.case;
    test(`${program.language}: ${says}`, async () => {
      const broker = login ? closed : open;
      const topic = program.topic;
      const received = [];
      const subscriber = await mqtt.connectAsync(broker.tcpUrl, settings(login));
      subscriber.on("message", (name, payload, packet) =>
        received.push([name, payload.toString(), packet.qos, packet.retain]),
      );
      await subscriber.subscribeAsync(topic, { qos: 2, rap: true });

      const lines = await run(program);
      assert.deepEqual(lines.filter((line) => /^-?\d/.test(line)), readings, "it prints the readings");

      // The broker handles this after all that the program sent.
      await subscriber.publishAsync(topic, "end", { qos: 2 });
      await until(() => received.at(-1)?.[1] === "end", "the last message");
      const expected = readings.map((reading) => [topic, reading, qos, retain]);
      assert.deepEqual(received.slice(0, -1), expected);

      const level = version === 5 ? "p5" : "p2";
      const connected = `as ${program.name} (${level}, c${keep ? 0 : 1}, k60${login ? `, u'${LOGIN.username}'` : ""}).`;
      assert.ok(broker.log.includes(connected), `${connected}\n${broker.log}`);
      const left = `Client ${program.name} disconnected.`;
      await until(() => broker.log.includes(left), left);
      await subscriber.endAsync();
      assert.equal(await hasSession(broker, program.name, login), keep, "the broker keeps the session");
    });
  }

  for (const program of refused()) {
    test(`${program.language}: ends by itself though the broker refuses each message`, () => finish(program));
  }
});

/// Programs for a broker that refuses what they publish.
function refused() {
  return Object.keys(LANGUAGES).map((language) => {
    const name = `${language.replace(/\W/g, "").toLowerCase()}-refused`;
    return { language, name, topic: "refused", case: { version: 5, qos: 2 } };
  });
}

function programs() {
  return Object.keys(LANGUAGES).flatMap((language) =>
    CASES.map((item, index) => {
      const name = `${language.replace(/\W/g, "").toLowerCase()}-${index}`;
      // A topic of its own, so that no program's messages are another's.
      const topic = item.topic ? `${item.topic}${name}` : `sensor/${name}`;
      return { language, name, topic, case: item };
    }),
  );
}

function each(task) {
  return Promise.all(programs().map(task));
}

/// Has the crate write the program.
async function writeProgram({ language, name, topic, case: item }, broker) {
  const { version = 4, qos = 0, websocket, keep, retain, login, flags = [] } = item;
  const arguments_ = [language, "-V", version === 5 ? "mqttv5" : "mqttv311", "-i", name, "-t", topic, "-q", qos];
  arguments_.push("--url", websocket ? broker.webSocketUrl : broker.tcpUrl, "--every", 10, ...flags);
  if (keep) arguments_.push("-c");
  if (retain) arguments_.push("-r");
  if (login) arguments_.push("-u", LOGIN.username, "--password");
  const { stdout } = await promisify(execFile)(join(TARGET, "debug/examples/sensor"), arguments_.map(String));
  await writeFile(source(language, name), stdout);
}

function source(language, name) {
  const folder = language === "rumqttc" ? "src/bin" : "src";
  return join(FOLDER, folder, `${name}.${LANGUAGES[language].ending}`);
}

/// With the versions that are pinned beside this test.
async function buildRust() {
  for (const file of ["Cargo.toml", "Cargo.lock"]) await copyFile(join(MANIFEST, file), join(FOLDER, file));
  const flags = ["build", "--quiet", "--locked", "--manifest-path", join(FOLDER, "Cargo.toml")];
  await promisify(execFile)("cargo", [...flags, "--target-dir", join(FOLDER, "build")]);
}

/// Runs a program to its good end, and returns the lines that it printed.
async function run(program) {
  const { code, output } = await finish(program);
  assert.equal(code, 0, output);
  return output.split("\n");
}

/// Runs a program to its end, which has to be its own.
async function finish({ language, name, case: { login } }) {
  const [command, ...flags] = LANGUAGES[language].start(source(language, name), name);
  const env = { ...process.env, ...(login && { MQTT_PASSWORD: LOGIN.password }) };
  const child = spawn(command, flags, { env, stdio: ["ignore", "pipe", "pipe"], timeout: 60_000 });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (output += text));
  const [code, signal] = await once(child, "close");
  assert.equal(signal, null, `it does not end by itself: ${output}`);
  return { code, output };
}

function settings(login) {
  return { protocolVersion: 5, reconnectPeriod: 0, ...(login && LOGIN) };
}

/// Whether the broker still has a session of this client. Asking ends it.
async function hasSession(broker, clientId, login) {
  const client = mqtt.connect(broker.tcpUrl, { ...settings(login), clientId, clean: false });
  const [{ sessionPresent }] = await once(client, "connect");
  await client.endAsync();
  return sessionPresent;
}
