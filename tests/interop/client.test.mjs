// examples/client against mosquitto, with the other clients at the far end.

import { after, before, describe } from "node:test";
import { Broker } from "../e2e/harness/broker.mjs";
import { DIALECTS } from "./peers.mjs";
import { deliveries, persistence, retained, shared, wills } from "./scenarios.mjs";

describe("the example client on mosquitto", { timeout: 300_000 }, () => {
  const at = {};
  const ours = DIALECTS.filter(({ kind }) => kind === "fourstep");
  const others = DIALECTS.filter(({ kind }) => kind === "mosquitto");

  before(async () => {
    at.broker = await Broker.start();
  });
  after(() => at.broker?.dispose());

  deliveries(at, ours, [...ours, ...others]);
  deliveries(at, others, ours);
  retained(at, ours);
  wills(at, ours);
  persistence(at, ours);
  shared(at, ours);
});
