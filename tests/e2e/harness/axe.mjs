// The accessibility checker.

import axe from "axe-core";

/// What axe finds wrong on the page: one line for each rule broken, with the elements.
export async function violations(page) {
  // Colors on their way to others are not what a person reads.
  await page.evaluate(() => Promise.allSettled(document.getAnimations().map(({ finished }) => finished)));
  await page.evaluate(axe.source);
  const result = await page.evaluate(() => window.axe.run(document));
  return result.violations.map(
    ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`,
  );
}
