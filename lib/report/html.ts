/**
 * report.html: one self-contained page from a summary. No address, no request, no font to load; names from logs are data, never markup.
 * In: a summary. Out: the page as text, the same bytes for the same summary.
 */
import { day, shownName } from './format.ts';
import { pageShell } from './page-shell.ts';
import { qualitySection, reproduceSection } from './quality-sections.ts';
import { assumptionsSection, sourcesSection } from './source-sections.ts';
import { dailySection, firstScreen, modelSection, periodLine, teamSection, weekSection } from './spend-sections.ts';
import { SCRIPT, STYLE } from './style.ts';
import type { Summary } from './summary.ts';

/** The whole page. Charts are made here, so this takes a moment; it reads nothing. */
export async function renderReport(summary: Summary): Promise<string> {
  if (summary.span === null) return page(summary, emptyPage());
  const sections = [
    firstScreen(summary),
    await dailySection(summary),
    teamSection(summary),
    modelSection(summary),
    await weekSection(summary),
    qualitySection(summary),
    assumptionsSection(summary),
    sourcesSection(summary),
    reproduceSection(summary),
  ];
  return page(summary, sections.filter(Boolean).join('\n'));
}

/** What to do when nothing has been read yet. */
function emptyPage(): string {
  return `<section><h2>The ledger is empty</h2>
<p>No usage has been read yet. Put usage logs of your LLM calls into the inbox folder, in any of the formats the ledger reads, and run:</p>
<pre>inference-ledger run --inbox DIR --lake DIR</pre>
<p>OpenAI, Anthropic, Bedrock, LiteLLM, Gemini and Vertex logs, exports and agent sessions are recognized by their content; nothing has to be
configured. <code>docs/sources.md</code> says for each source how its logs get into the inbox.</p>
<p>If you did put logs there: <code>inference-ledger query --lake DIR "select * from ingested_objects"</code> lists what was read, and table
<code>rejects</code> says why a line was not understood.</p></section>`;
}

function page(summary: Summary, body: string): string {
  return pageShell({
    title: shownName(summary.title, 120),
    sub: periodLine(summary),
    body,
    footer: `As of ${day(summary.asOfDay)} (UTC). Amounts are USD. Spend is what is billed per token after your rates; token value under plans is never part of it.`,
    style: STYLE,
    script: SCRIPT,
  });
}
