/** Presentations: the text of each slide in the order of showing, its notes behind it, slides parted by an empty line. */
import { posix } from 'node:path';
import type { ExtractInput } from './extraction.ts';
import { officeParts } from './office-archive.ts';
import type { OfficeParts } from './office-archive.ts';
import { UnreadableDocument } from './unreadable.ts';

const TEXT_PARTS =
  /^ppt\/(presentation\.xml|_rels\/presentation\.xml\.rels|(slides|notesSlides)\/(_rels\/)?[^/]+\.(xml|rels))$/;

/** The text of each slide. */
export async function* extractPptx(input: ExtractInput): AsyncGenerator<string> {
  const { relationships, slideIds, slideText } = await import('./slide-text.ts');
  const parts = await officeParts(input, (path) => TEXT_PARTS.test(path));
  const slides = relationships(partText(parts, 'ppt/_rels/presentation.xml.rels'));
  let isFirst = true;
  for (const id of slideIds(partText(parts, 'ppt/presentation.xml'))) {
    const path = posix.join('ppt', slides.get(id)?.target ?? '');
    const texts = [slideText(partText(parts, path))];
    const links = parts[posix.join(posix.dirname(path), '_rels', `${posix.basename(path)}.rels`)];
    for (const { kind, target } of links === undefined
      ? []
      : relationships(Buffer.from(links).toString('utf8')).values()) {
      if (kind === 'notesSlide') texts.push(slideText(partText(parts, posix.join(posix.dirname(path), target))));
    }
    const text = texts.filter((text) => text !== '').join('\n');
    if (text === '') continue;
    yield `${isFirst ? '' : '\n'}${text}\n`;
    isFirst = false;
  }
}

function partText(parts: OfficeParts, path: string): string {
  const part = parts[path];
  if (part === undefined) throw new UnreadableDocument('is broken: a part of the presentation is missing');
  return Buffer.from(part).toString('utf8');
}
