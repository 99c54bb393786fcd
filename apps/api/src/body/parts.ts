import { Dicer } from '@fastify/busboy';
import { asError } from '@pixdock/shared/runtime/as-error';
import { isSliceOver, nextSlice } from '@pixdock/shared/runtime/slices';
import { cutAtBoundaries } from './form-pieces.js';
import { MALFORMED } from './form-problems.js';

const MAX_PART_HEADERS = 20;
/** RFC 2046 permits 70 characters, and the splitter takes 252. */
const MAX_BOUNDARY_LENGTH = 252;

export interface Part {
  /** Values by header name in lower case. */
  headers: Partial<Record<string, string[]>>;
  /** The reader must read it to its end. */
  content: AsyncIterable<Buffer>;
}

/**
 * Reads a multipart body and passes its parts to `take` one after the other. It reads a chunk only after `take` has finished
 * all parts that ended in earlier chunks. It uses the splitter of busboy, because busboy skips parts with invalid headers.
 * @throws PixdockError invalid_request for a malformed or truncated body; the errors of `take`
 */
export async function readParts(
  chunks: AsyncIterable<Buffer>,
  contentType: string,
  take: (part: Part) => Promise<void>,
): Promise<void> {
  const boundary = boundaryOf(contentType);
  const splitter = new Dicer({ boundary, maxHeaderPairs: MAX_PART_HEADERS + 1 });
  let earlierPartsTaken = Promise.resolve();
  let allPartsTaken = Promise.resolve();
  let current: Dicer.PartStream | undefined;
  let startedParts = 0;
  let partsWithHeaders = 0;
  let failure: Error | null = null;
  let settleFailed = () => {};
  const failed = new Promise<void>((resolve) => {
    settleFailed = resolve;
  });
  const fail = (error: unknown) => {
    failure ??= asError(error);
    settleFailed();
  };

  splitter.on('part', (part) => {
    part.on('error', () => fail(MALFORMED()));
    // The splitter emits no event for truncated headers.
    if (startedParts !== partsWithHeaders) fail(MALFORMED());
    startedParts++;
    part.on('header', (headers) => {
      partsWithHeaders++;
      if (Object.values(headers).flat().length > MAX_PART_HEADERS) fail(MALFORMED());
      earlierPartsTaken = allPartsTaken;
      allPartsTaken = allPartsTaken.then(() => takePart(part, headers));
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

  async function takePart(part: Dicer.PartStream, headers: Part['headers']): Promise<void> {
    current = part;
    try {
      if (failure === null) await take({ headers, content: part });
    } catch (error) {
      fail(error);
    }
  }

  const throwOnFailure = async (step: Promise<unknown>) => {
    // After a failure, the splitter may never drain or finish.
    await Promise.race([step, failed]);
    if (failure !== null) throw failure;
  };
  try {
    for await (const piece of cutAtBoundaries(chunks, boundary)) {
      // Ignore the epilogue.
      if (done) continue;
      if (isSliceOver()) await nextSlice();
      const written = new Promise<void>((resolve) => splitter.write(piece, () => resolve()));
      // With a slow reader, the splitter does not call back for the piece that contains the end.
      await throwOnFailure(Promise.race([written, split]));
      await throwOnFailure(earlierPartsTaken);
    }
    if (!done) splitter.end();
    await throwOnFailure(split);
    if (startedParts !== partsWithHeaders) throw MALFORMED();
    await throwOnFailure(allPartsTaken);
  } catch (error) {
    fail(error);
    // Let the reader of the current part release its resources.
    current?.destroy();
    await allPartsTaken;
    throw error;
  } finally {
    // Later, because destroying the splitter within one of its events throws.
    setImmediate(() => splitter.destroy());
  }
}

function boundaryOf(contentType: string): string {
  const [, quoted, token] = /;\s*boundary=(?:"([^"]+)"|([^\s;"]+))/i.exec(contentType) ?? [];
  const boundary = quoted ?? token;
  if (boundary === undefined || boundary.length > MAX_BOUNDARY_LENGTH) throw MALFORMED();
  return boundary;
}
