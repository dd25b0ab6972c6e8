/**
 * The frame of every page: one file that needs nothing from anywhere. In: texts (plain), the body (markup), style and script. Out: the page.
 * Invariant: only the script given here may run, and nothing may be loaded (content security policy with its hash).
 */
import { createHash } from 'node:crypto';
import { escapeHtml } from './format.ts';

export interface PageParts {
  readonly title: string;
  readonly sub: string;
  /** markup */
  readonly body: string;
  readonly footer: string;
  readonly style: string;
  readonly script: string;
}

export function pageShell({ title, sub, body, footer, style, script }: PageParts): string {
  const hash = createHash('sha256').update(script).digest('base64');
  const policy = `default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-${hash}'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the figures</a>
<header><h1>${escapeHtml(title)}</h1>
<p class="sub">${escapeHtml(sub)}</p></header>
<main id="main">
${body}
</main>
<footer><p>${escapeHtml(footer)}</p></footer>
<script>${script}</script>
</body>
</html>
`;
}
