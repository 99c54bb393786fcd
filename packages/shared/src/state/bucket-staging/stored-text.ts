import { randomUUID } from 'node:crypto';

/*
 * An object of a text: a line with a random id, so that the objects of competing writers differ, and the length of the text; the text; for
 * the submission of an image its source.
 */

const FIRST_LINE = /^[\da-f-]{36} (\d+)\n/;
/** No first line is longer. */
export const FIRST_LINE_BYTES = 64;

/** The part of the object that precedes a source. @param id 36 hexadecimal digits or `-` */
export function toStored(text: string, id: string = randomUUID()): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from(`${id} ${bytes.length}\n`), bytes]);
}

/** Where the text begins and ends in an object with this beginning. */
export function textRange(beginning: Buffer): { from: number; to: number } {
  const [line, length] = FIRST_LINE.exec(beginning.toString('latin1', 0, FIRST_LINE_BYTES)) ?? [];
  if (line === undefined) throw new SyntaxError('a text in the bucket has no first line');
  return { from: line.length, to: line.length + Number(length) };
}
