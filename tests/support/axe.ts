/**
 * Looks for what keeps people from using a page: axe-core, inside the page itself.
 *
 * @module
 */

import axe from "axe-core";
import type { Page } from "playwright-core";

/** Less grave ones are advice. */
const GRAVE = ["serious", "critical"] as const;

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/**
 * The grave violations of what a page shows now, a line each.
 *
 * @param rules Only these; left out, all of them.
 */
export async function graveViolations(page: Page, rules?: readonly string[]): Promise<string[]> {
  // By the debugger, which the page's Content-Security-Policy does not concern.
  if (!await page.evaluate<boolean>("'axe' in globalThis")) await page.evaluate(axe.source);
  const options = JSON.stringify({
    resultTypes: ["violations"],
    ...(rules === undefined ? {} : { runOnly: rules }),
  });
  const found = await page.evaluate<Violation[]>(
    `axe.run(document, ${options}).then(({ violations }) => violations)`,
  );
  return found.filter(({ impact }) => (GRAVE as readonly string[]).includes(impact))
    .flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`)
    );
}
