/**
 * report.html: one self-contained page from a summary. No address, no request, no font to load; names from logs are data, never markup.
 * In: a summary. Out: the page as text, the same bytes for the same summary.
 */
import { createHash } from 'node:crypto';
import { day, escapeHtml, shownName } from './format.ts';
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

/** Only the inline script below may run; nothing may be loaded from anywhere. */
const POLICY = `default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-${createHash('sha256').update(SCRIPT).digest('base64')}'`;

function page(summary: Summary, body: string): string {
  const title = escapeHtml(shownName(summary.title, 120));
  const line = periodLine(summary);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the figures</a>
<header><h1>${title}</h1>
<p class="sub">${escapeHtml(line)}</p></header>
<main id="main">
${body}
</main>
<footer><p>As of ${escapeHtml(day(summary.asOfDay))} (UTC). Amounts are USD. Spend is what is billed per token after your rates; token value under plans is never part of it.</p></footer>
<script>${SCRIPT}</script>
</body>
</html>
`;
}
