/** Text of one slide or one page of notes: paragraphs as lines. Entities are never expanded: the parser knows the five of XML only. */
import { SaxesParser } from 'saxes';

/** Kinds of placeholders that are no text of the author: numbers, dates, footers. */
const FURNITURE = new Set(['sldNum', 'dt', 'ftr', 'hdr', 'sldImg']);

/** Lines of the text in a part of a presentation. Throws where it is not well-formed. */
export function slideText(xml: string): string {
  const parser = new SaxesParser();
  const paragraphs: string[] = [];
  let shape: string[] = [];
  let paragraph = '';
  let isInText = false;
  let isFurniture = false;
  parser.on('opentag', ({ name, attributes }) => {
    if (name === 'p:sp') {
      shape = [];
      isFurniture = false;
    } else if (name === 'p:ph') isFurniture = FURNITURE.has(attributes['type'] ?? '');
    else if (name === 'a:p') paragraph = '';
    else if (name === 'a:br') paragraph += '\n';
    else if (name === 'a:tab') paragraph += '\t';
    isInText = name === 'a:t';
  });
  parser.on('text', (text) => {
    if (isInText) paragraph += text;
  });
  parser.on('closetag', ({ name }) => {
    isInText = false;
    if (name === 'a:p') shape.push(paragraph);
    else if (name === 'p:sp' || name === 'p:graphicFrame' || name === 'p:cSld') {
      if (!isFurniture) paragraphs.push(...shape);
      shape = [];
      isFurniture = false;
    }
  });
  parser.write(xml).close();
  return paragraphs.filter((line) => line !== '').join('\n');
}

/** Targets of a part's relationships by id, and their kinds. */
export function relationships(xml: string): Map<string, { readonly kind: string; readonly target: string }> {
  const parser = new SaxesParser();
  const found = new Map<string, { kind: string; target: string }>();
  parser.on('opentag', ({ name, attributes }) => {
    if (name !== 'Relationship') return;
    const kind = (attributes['Type'] ?? '').split('/').at(-1) ?? '';
    found.set(attributes['Id'] ?? '', { kind, target: attributes['Target'] ?? '' });
  });
  parser.write(xml).close();
  return found;
}

/** Ids of the slides of a presentation, in the order in which they are shown. */
export function slideIds(xml: string): string[] {
  const parser = new SaxesParser();
  const ids: string[] = [];
  parser.on('opentag', ({ name, attributes }) => {
    if (name === 'p:sldId') ids.push(attributes['r:id'] ?? '');
  });
  parser.write(xml).close();
  return ids;
}
