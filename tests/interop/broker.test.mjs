// Other people's clients, and our own, on examples/broker.

import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { ExampleBroker } from "./broker.mjs";
import { DIALECTS } from "./peers.mjs";
import { deliveries, persistence, retained, shared, wills } from "./scenarios.mjs";

describe("the example broker", { timeout: 600_000 }, () => {
  const at = {};

  before(async () => {
    at.broker = await ExampleBroker.start();
  });
  after(async () => assert.equal(await at.broker?.dispose(), 0, "the broker ends cleanly"));

  deliveries(at, DIALECTS, DIALECTS);
  retained(at, DIALECTS);
  wills(at, DIALECTS);
  persistence(at, DIALECTS);
  shared(at, DIALECTS);
});
