/** Text broken into lines for plain text. In: one paragraph. Out: its lines. */

const DEFAULT_WIDTH = 78;

/** Lines of at most `width` signs, broken at spaces; a bullet's further lines are indented under it. */
export function wrapped(text: string, bullet: string, width = DEFAULT_WIDTH): string[] {
  const lines: string[] = [];
  let line = bullet;
  for (const word of text.split(' ')) {
    if (line.length + word.length > width && line.trim() !== bullet.trim()) {
      lines.push(line.trimEnd());
      line = ' '.repeat(bullet.length);
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()];
}
