import type { Image } from '@pixdock/client';

type Variant = Image['variants'][string];

/** An image in Markdown. */
export const markdownOf = (alt: string, url: string) => `![${alt.replace(/[[\]\\]/g, '\\$&')}](${url})`;

/** An image in HTML. The size lets the page reserve its place. */
export const htmlOf = (
  alt: string,
  { url, width, height }: Pick<Variant, 'width' | 'height'> & { url: string },
) => `<img src="${escape(url)}" width="${width}" height="${height}" alt="${escape(alt)}" loading="lazy">`;

const escape = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
