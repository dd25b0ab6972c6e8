/** axe-core in the test browser: what of a page breaks WCAG 2.2 A and AA, contrast included. In: a page of playwright. Out: violations as short texts. */
import axe from 'axe-core';
import type { Page } from 'playwright-core';

const STANDARDS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

interface AxeResults {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
  }[];
  readonly passes: readonly { readonly id: string }[];
}

/** Each violation with the first element it is about; and the names of the rules that were met. `skipped`: rules that do not fit the kind of page. */
export async function axeFindings(
  page: Page,
  skipped: readonly string[] = [],
): Promise<{ broken: string[]; met: string[] }> {
  // evaluated, not added as a script: the page's own policy would refuse one
  await page.evaluate(axe.source);
  const options = {
    runOnly: { type: 'tag', values: STANDARDS },
    rules: Object.fromEntries(skipped.map((rule) => [rule, { enabled: false }])),
  };
  const results = (await page.evaluate(`axe.run(document, ${JSON.stringify(options)})`)) as AxeResults;
  return {
    broken: results.violations.flatMap(({ id, nodes }) =>
      nodes.slice(0, 3).map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary ?? ''}`),
    ),
    met: results.passes.map(({ id }) => id),
  };
}
