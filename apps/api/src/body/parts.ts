import { Dicer } from '@fastify/busboy';
import { asError } from '@pixdock/shared/runtime/as-error';
import { isSliceOver, nextSlice } from '@pixdock/shared/runtime/slices';
import { MALFORMED } from './form-problems.js';

const MAX_PART_HEADERS = 20;
/**
 * The splitter cannot pause within a piece, and a part takes it 10–20 µs, however short it is: a piece is short where
 * parts begin (400 of the shortest, 10 bytes) and grows within a long part.
 */
const MIN_PIECE_BYTES = 4 * 1024;
const MAX_PIECE_BYTES = 16 * 1024;

export interface Part {
  /** By their names in lower case. */
  headers: Partial<Record<string, string[]>>;
  /** To be read to its end. */
  content: AsyncIterable<Buffer>;
}

/**
 * Reads a multipart body: its parts go to `take` one after the other, and no chunk is taken before whatever was in those
 * before it is done with. Built on busboy's splitter and not on busboy, which passes over parts whose headers it does not
 * understand.
 * @throws PixdockError invalid_request for a body that is malformed or cut off; whatever `take` throws
 */
export async function readParts(
  chunks: AsyncIterable<Buffer>,
  contentType: string,
  take: (part: Part) => Promise<void>,
): Promise<void> {
  const splitter = new Dicer({ boundary: boundaryOf(contentType), maxHeaderPairs: MAX_PART_HEADERS + 1 });
  // Parts that have come whole, and all parts.
  let whole = Promise.resolve();
  let all = Promise.resolve();
  let current: Dicer.PartStream | undefined;
  let begun = 0;
  let told = 0;
  let failure: Error | null = null;
  let giveUp = () => {};
  const failed = new Promise<void>((resolve) => {
    giveUp = resolve;
  });
  const fail = (error: unknown) => {
    failure ??= asError(error);
    giveUp();
  };

  splitter.on('part', (part) => {
    part.on('error', () => fail(MALFORMED()));
    // Headers that are cut off are never told.
    if (begun !== told) fail(MALFORMED());
    begun++;
    part.on('header', (headers) => {
      told++;
      if (Object.values(headers).flat().length > MAX_PART_HEADERS) fail(MALFORMED());
      whole = all;
      all = all.then(() => takeOne(part, headers));
    });
  });
  splitter.on('error', () => fail(MALFORMED()));
  let done = false;
  const split = new Promise<void>((resolve) => {
    splitter.on('finish', () => {
      done = true;
      resolve();
    });
  });

  async function takeOne(part: Dicer.PartStream, headers: Part['headers']): Promise<void> {
    current = part;
    try {
      if (failure === null) await take({ headers, content: part });
    } catch (error) {
      fail(error);
    }
  }

  const giveUpOnFailure = async (step: Promise<unknown>) => {
    // After a failure the splitter may stay full, or unfinished, for ever.
    await Promise.race([step, failed]);
    if (failure !== null) throw failure;
  };
  try {
    for await (const chunk of inPieces(chunks, () => begun)) {
      // An epilogue.
      if (done) continue;
      const written = new Promise<void>((resolve) => splitter.write(chunk, () => resolve()));
      // It does not call back for the chunk with the end in it when a reader had to catch up.
      await giveUpOnFailure(Promise.race([written, split]));
      await giveUpOnFailure(whole);
    }
    if (!done) splitter.end();
    await giveUpOnFailure(split);
    if (begun !== told) throw MALFORMED();
    await giveUpOnFailure(all);
  } catch (error) {
    fail(error);
    // Whoever reads the part gets to put down what is open.
    current?.destroy();
    await all;
    throw error;
  } finally {
    // Not within one of its events: that would throw from inside it.
    setImmediate(() => splitter.destroy());
  }
}

/** @param count of something that makes pieces short while it rises */
async function* inPieces(chunks: AsyncIterable<Buffer>, count: () => number): AsyncGenerator<Buffer> {
  let length = MIN_PIECE_BYTES;
  for await (const chunk of chunks)
    for (let at = 0; at < chunk.length; ) {
      const before = count();
      yield chunk.subarray(at, at + length);
      at += length;
      if (isSliceOver()) await nextSlice();
      length = count() === before ? Math.min(2 * length, MAX_PIECE_BYTES) : MIN_PIECE_BYTES;
    }
}

function boundaryOf(contentType: string): string {
  const [, quoted, token] = /;\s*boundary=(?:"([^"]+)"|([^\s;"]+))/i.exec(contentType) ?? [];
  const boundary = quoted ?? token;
  if (boundary === undefined) throw MALFORMED();
  return boundary;
}
