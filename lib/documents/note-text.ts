/** Text of the footnotes or endnotes of a Word document, which mammoth's raw text leaves out. Source: ECMA-376 part 1, §17.11. */
import { SaxesParser } from 'saxes';

/** Paragraphs of all notes, each followed by an empty line. Throws where the part is not well-formed. */
export function noteText(xml: string): string {
  const parser = new SaxesParser();
  let text = '';
  let paragraph = '';
  let isInText = false;
  let isLine = false;
  parser.on('opentag', ({ name, attributes }) => {
    // the lines between text and notes are notes of their own, with a type
    if (name === 'w:footnote' || name === 'w:endnote') isLine = (attributes['w:type'] ?? 'normal') !== 'normal';
    else if (name === 'w:p') paragraph = '';
    else if (name === 'w:tab') paragraph += '\t';
    else if (name === 'w:br') paragraph += '\n';
    isInText = name === 'w:t';
  });
  parser.on('text', (piece) => {
    if (isInText) paragraph += piece;
  });
  parser.on('closetag', ({ name }) => {
    isInText = false;
    if (name === 'w:p' && !isLine && paragraph.trim() !== '') text += `${paragraph}\n\n`;
  });
  parser.write(xml).close();
  return text;
}
