/** Commands as a person reads them: finds the lines in printed text or Markdown and splits one into words as a shell would. */

/** The lines that start the ledger, without the indent and the prompt sign in front of them. */
export function printedCommands(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim().replace(/^\$ /, ''))
    .filter((line) => line.startsWith('npx inference-ledger'));
}

/** The code inside the fenced blocks of one language. */
export function fencedBlocks(markdown: string, language: string): string[] {
  const blocks: string[] = [];
  let open: string[] | null = null;
  for (const line of markdown.split('\n')) {
    if (open === null) {
      if (line.trim() === `\`\`\`${language}`) open = [];
    } else if (line.trim() === '```') {
      blocks.push(open.join('\n'));
      open = null;
    } else open.push(line);
  }
  if (open !== null) throw new Error(`a \`\`\`${language} block is never closed`);
  return blocks;
}

/** One command's words. Knows quotes and a comment at the end; throws on what only a real shell could do, so that no line is half run. */
export function shellWords(line: string): string[] {
  const words: string[] = [];
  const part = /\s*(?:(#.*$)|((?:"[^"$`\\]*"|'[^']*'|[^\s"'$`\\|&;<>*?#()])+))/y;
  while (part.lastIndex < line.trimEnd().length) {
    const at = part.lastIndex;
    const match = part.exec(line);
    if (match === null) throw new Error(`cannot split this into words from character ${at}: ${line}`);
    if (match[1] !== undefined) break;
    words.push((match[2] ?? '').replace(/"([^"]*)"|'([^']*)'/g, (_, double, single) => double ?? single));
  }
  return words;
}
