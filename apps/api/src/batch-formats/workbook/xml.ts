import { PixdockError } from '@pixdock/contract/error';
import { isSliceOver, nextSlice } from '@pixdock/shared/runtime/slices';
import { SaxesParser } from 'saxes';
import { MAX_HELD_BYTES } from '../unchecked-item.js';
import { damaged } from './refusals.js';

/** Parts of real workbooks have about 20 levels. */
const MAX_DEPTH = 100;

export type Attributes = Readonly<Record<string, string>>;

/** Names are without their prefix, which writers choose. */
export interface XmlHandlers {
  open?(name: string, attributes: Attributes): void;
  /** @param text of the element itself, whose end this is */
  close?(name: string, text: string): void;
}

/**
 * Parses XML piece by piece, and yields what `take` returns after each piece. A DOCTYPE counts as damage, so no entities can be
 * defined.
 * @throws PixdockError invalid_request for damaged XML and for text that is longer than any row
 */
export async function* readXml<T>(
  part: string,
  chunks: AsyncIterable<Buffer>,
  handlers: XmlHandlers,
  take: () => T[],
): AsyncGenerator<T> {
  const parser = new SaxesParser({ xmlns: false, position: false });
  const texts: string[] = [];
  let heldBytes = 0;
  const fail = (): never => {
    throw damaged(part);
  };
  const add = (text: string) => {
    const last = texts.length - 1;
    if (last >= 0) texts[last] += text;
  };
  parser.on('error', fail);
  parser.on('doctype', fail);
  parser.on('text', add);
  parser.on('cdata', add);
  parser.on('opentag', ({ name, attributes }) => {
    if (texts.length === MAX_DEPTH) fail();
    heldBytes = 0;
    texts.push('');
    handlers.open?.(localName(name), attributes);
  });
  parser.on('closetag', ({ name }) => {
    heldBytes = 0;
    const text = texts.pop() ?? '';
    handlers.close?.(localName(name), text);
  });

  let decoder: InstanceType<typeof TextDecoder> | undefined;
  try {
    for await (const chunk of chunks) {
      decoder ??= new TextDecoder(encodingOf(chunk), { fatal: true });
      heldBytes += chunk.length;
      if (heldBytes > MAX_HELD_BYTES) fail();
      parser.write(decoder.decode(chunk, { stream: true }));
      yield* take();
      if (isSliceOver()) await nextSlice();
    }
    parser.close();
  } catch (error) {
    throw error instanceof PixdockError && error.code === 'invalid_request' ? error : damaged(part, error);
  }
  yield* take();
}

/** XML is in UTF-8 unless it begins with a byte order mark of UTF-16. */
export function encodingOf(chunk: Buffer): string {
  const mark = chunk.toString('hex', 0, 2);
  return mark === 'fffe' ? 'utf-16le' : mark === 'feff' ? 'utf-16be' : 'utf-8';
}

/** The value of an attribute of type `boolean` (XML Schema part 2, 3.2.2). */
export const isTrue = (value: string | undefined) => value === '1' || value === 'true';

const localName = (name: string) => name.slice(name.indexOf(':') + 1);

/** The value of an attribute that refers to a relationship, such as `r:id`, under any prefix. */
export function relationIn(
  attributes: Attributes,
  name: 'id' | 'embed' | 'link' | 'pict',
): string | undefined {
  for (const key in attributes) if (key.endsWith(`:${name}`)) return attributes[key];
  return undefined;
}
