import { MALFORMED } from './form-problems.js';

/**
 * The pieces of a multipart body, each with the beginning of one part at most: the splitter of busboy cannot pause within a
 * piece, and it takes 10–20 µs for a part, however short. Leaves out the text before the first boundary, and the white space
 * that a client may send between a boundary and its line end (RFC 2046 5.1.1), which the splitter takes for a header.
 * @throws PixdockError invalid_request if the content of a part contains the boundary, however the body is cut into chunks
 */
export async function* cutAtBoundaries(
  chunks: AsyncIterable<Buffer>,
  boundary: string,
): AsyncGenerator<Buffer> {
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  // The first boundary may begin the body.
  let rest: Buffer = Buffer.from('\r\n');
  let isPreamble = true;
  let isOver = false;
  for await (const chunk of chunks) {
    if (isOver) {
      yield chunk;
      continue;
    }
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let found = findDelimiter(rest, delimiter);
    while (found.follows !== null) {
      yield rest.subarray(isPreamble ? found.start : 0, found.end);
      isPreamble = false;
      rest = rest.subarray(found.next);
      isOver = found.follows === END;
      if (isOver) break;
      found = findDelimiter(rest, delimiter);
    }
    if (isOver) yield rest;
    else {
      if (found.start > 0 && !isPreamble) yield rest.subarray(0, found.start);
      const { start, end, next } = found;
      rest = next === end ? rest.subarray(start) : Buffer.concat([delimiter, rest.subarray(next)]);
    }
  }
}

const LINE_END = '\r\n';
const END = '--';

/** A delimiter in a text, or its beginning at the end of the text. */
interface Delimiter {
  start: number;
  end: number;
  /** Behind the white space that follows it. */
  next: number;
  /** Null if the text ends before that. */
  follows: typeof LINE_END | typeof END | null;
}

/** @throws PixdockError invalid_request if anything else follows a delimiter */
function findDelimiter(text: Buffer, delimiter: Buffer): Delimiter {
  const start = text.indexOf(delimiter);
  if (start === -1) {
    const begun = text.length - lengthOfBeginning(text, delimiter);
    return { start: begun, end: text.length, next: text.length, follows: null };
  }
  const end = start + delimiter.length;
  const next = endOfBlanks(text, end);
  const follows = text.toString('latin1', next, next + LINE_END.length);
  if (follows === LINE_END || follows === END) return { start, end, next, follows };
  if (LINE_END.startsWith(follows) || END.startsWith(follows)) return { start, end, next, follows: null };
  throw MALFORMED();
}

/** The number of bytes at the end of a text with which a delimiter begins. */
function lengthOfBeginning(text: Buffer, delimiter: Buffer): number {
  const end = text.subarray(Math.max(0, text.length - delimiter.length + 1));
  // A Content-Type contains no line break, so the delimiter has only one.
  const begun = end.subarray(end.lastIndexOf(0x0d));
  return delimiter.subarray(0, begun.length).equals(begun) ? begun.length : 0;
}

const BLANKS = [0x20, 0x09];

function endOfBlanks(text: Buffer, from: number): number {
  let end = from;
  while (end < text.length && BLANKS.includes(text[end] ?? 0)) end++;
  return end;
}
