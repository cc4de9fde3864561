// What every client and broker have to do alike. Each function registers tests; `at.broker` is the
// broker by the time they run.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { until } from "../e2e/harness/net.mjs";
import { publish, Subscriber } from "./peers.mjs";

const LEVELS = [0, 1, 2];

/// Each publisher reaches each subscriber, at the lower of the published and the subscribed QoS.
export function deliveries(at, publishers, subscribers) {
  const prefix = topic("deliveries");
  describe(`from ${publishers.length} ways to publish to ${subscribers.length} ways to subscribe`, () => {
    const running = [];

    before(async () => {
      const pairs = subscribers.flatMap((dialect) => LEVELS.map((granted) => ({ dialect, granted })));
      await inTurns(pairs, async ({ dialect, granted }) => {
        const subscriber = await Subscriber.start(at.broker, dialect, `${prefix}/#`, { qos: granted });
        running.push({ dialect, granted, subscriber, seen: 0 });
      });
    });
    after(() => Promise.all(running.map(({ subscriber }) => subscriber.dispose())));

    for (const publisher of publishers) {
      test(publisher.name, async () => {
        const name = `${prefix}/${publisher.name}`;
        for (const qos of LEVELS) {
          await publish(at.broker, publisher, name, `at ${qos}`, { qos });
        }
        for (const entry of running) {
          const messages = await entry.subscriber.received(entry.seen + LEVELS.length);
          const expected = LEVELS.map((qos) => `${name} ${Math.min(qos, entry.granted)} 0 at ${qos}`);
          const what = `${entry.dialect.name}, granted QoS ${entry.granted}`;
          assert.deepEqual(messages.slice(entry.seen), expected, what);
          entry.seen += LEVELS.length;
        }
      });
    }
  });
}

/// A retained message reaches who subscribes later, with RETAIN; an empty one ends that.
export function retained(at, dialects) {
  for (const dialect of dialects) {
    test(`retained messages: ${dialect.name}`, async () => {
      const name = topic("retained");
      await publish(at.broker, dialect, name, "last", { qos: 1, retain: true });
      const early = await Subscriber.start(at.broker, dialect, name);
      assert.deepEqual(await early.received(1), [`${name} 1 1 last`]);

      // Who is subscribed already sees RETAIN 0.
      await publish(at.broker, dialect, name, "", { qos: 1, retain: true });
      assert.deepEqual(await early.received(2), [`${name} 1 1 last`, `${name} 1 0 `]);
      await early.dispose();

      const late = await Subscriber.start(at.broker, dialect, name);
      await publish(at.broker, dialect, name, "new", { qos: 1 });
      assert.deepEqual(await late.received(1), [`${name} 1 0 new`]);
      await late.dispose();
    });
  }
}

/// The will is published for a client that crashed, and not for one that disconnected.
export function wills(at, dialects) {
  for (const dialect of dialects) {
    test(`wills: ${dialect.name}`, async () => {
      const name = topic("will");
      const witness = await Subscriber.start(at.broker, dialect, `${name}/#`);
      const mortal = (end) => {
        const will = ["--will-topic", `${name}/${end}`, "--will-payload", "gone", "--will-qos", "1"];
        return Subscriber.start(at.broker, dialect, "$unused", { flags: will });
      };
      await (await mortal("disconnected")).dispose();
      await (await mortal("crashed")).kill();
      // Told to end, mosquitto_sub sends a DISCONNECT that asks for the will (5.0, 3.14.2.1).
      const asksForIt = dialect.kind === "mosquitto" && dialect.version === "mqttv5";
      const ends = asksForIt ? ["disconnected", "crashed"] : ["crashed"];
      const expected = ends.map((end) => `${name}/${end} 1 0 gone`);
      assert.deepEqual(await witness.received(expected.length), expected);
      await witness.dispose();
    });
  }
}

/// What was published at QoS 1 and 2 meanwhile waits for a session that is kept.
export function persistence(at, dialects) {
  for (const dialect of dialects) {
    for (const end of ["dispose", "kill"]) {
      test(`a session kept over ${end === "kill" ? "a crash" : "a disconnect"}: ${dialect.name}`, async () => {
        const name = topic("kept");
        const flags = ["-c", "-i", name.replaceAll("/", "-"), "-x", "300"];
        const asleep = await Subscriber.start(at.broker, dialect, name, { flags });
        await asleep[end]();
        for (const payload of ["first", "second"]) {
          for (const qos of [1, 2]) await publish(at.broker, dialect, name, payload, { qos });
        }
        const awake = await Subscriber.start(at.broker, dialect, name, { flags });
        await awake.received(4);
        // Order holds within a level only: a receiver may hold a QoS 2 message back until PUBREL.
        for (const qos of [1, 2]) {
          const expected = ["first", "second"].map((payload) => `${name} ${qos} 0 ${payload}`);
          const messages = awake.messages.filter((message) => message.startsWith(`${name} ${qos}`));
          assert.deepEqual(messages, expected);
        }
        assert.equal(awake.messages.length, 4);
        await awake.dispose();
      });
    }
  }
}

/// Each message reaches one member of a group, and every other subscriber.
export function shared(at, dialects) {
  for (const dialect of dialects.filter(({ version }) => version === "mqttv5")) {
    test(`shared subscriptions: ${dialect.name}`, async () => {
      const name = topic("shared");
      const members = [];
      for (let member = 0; member < 2; member += 1) {
        members.push(await Subscriber.start(at.broker, dialect, `$share/group/${name}`));
      }
      const other = await Subscriber.start(at.broker, dialect, name);
      const numbers = ["1", "2", "3", "4", "5", "6"];
      for (const number of numbers) {
        await publish(at.broker, dialect, name, number, { qos: 1 });
      }
      const expected = numbers.map((number) => `${name} 1 0 ${number}`);
      assert.deepEqual(await other.received(numbers.length), expected);
      const both = () => members.flatMap(({ messages }) => messages);
      await until(() => both().length >= numbers.length, "the group has received its messages");
      await Promise.all([...members, other].map((subscriber) => subscriber.dispose()));
      assert.deepEqual(both().sort(), expected);
      assert.ok(members.every(({ messages }) => messages.length > 0), "both members have their share");
    });
  }
}

let topics = 0;

/// A topic of its own for each test.
function topic(what) {
  topics += 1;
  return `interop/${what}/${topics}`;
}

/// A few at a time: each starts a program.
async function inTurns(items, action) {
  const queue = [...items];
  const worker = async () => {
    for (let item = queue.shift(); item; item = queue.shift()) await action(item);
  };
  await Promise.all(Array.from({ length: 6 }, worker));
}
