/** A mail as a page that a browser can open: its HTML part with the pictures in place of their content ids. Parsed by postal-mime, not by us. */
import PostalMime from 'postal-mime';

/** HTML of the mail; throws if it refers to a picture that the mail does not carry. */
export async function mailAsPage(mail: Uint8Array): Promise<string> {
  const { html, attachments } = await PostalMime.parse(mail);
  if (html === undefined) throw new Error('the mail has no HTML part');
  const pictures = new Map(
    attachments.map(({ contentId, mimeType, content }) => [
      contentId,
      `data:${mimeType};base64,${Buffer.from(content as ArrayBuffer).toString('base64')}`,
    ]),
  );
  return html.replace(/src="cid:([^"]+)"/g, (_, cid: string) => {
    const picture = pictures.get(`<${cid}>`);
    if (picture === undefined) throw new Error(`the mail has no part ${cid}`);
    return `src="${picture}"`;
  });
}
