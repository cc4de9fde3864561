// What other people's brokers do is what docs/brokers.md says.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { PAGE, page } from "./brokers/table.mjs";

test("docs/brokers.md is what the brokers do; `make brokers` writes it", { timeout: 600_000 }, async () => {
  assert.equal(await page(), await readFile(PAGE, "utf8"));
});
