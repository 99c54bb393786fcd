/**
 * The pieces of a multipart body, each with the beginning of one part at most: the splitter of busboy cannot pause within a
 * piece, and it takes 10–20 µs for a part, however short. Removes the white space that a client may send between a boundary
 * and its line end (RFC 2046 5.1.1), which the splitter takes for a header.
 */
export async function* cutAtBoundaries(
  chunks: AsyncIterable<Buffer>,
  boundary: string,
): AsyncGenerator<Buffer> {
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  // The first boundary may begin the body.
  let before: Buffer = Buffer.from('\r\n');
  let isPadding = false;
  for await (const chunk of chunks) {
    let start: number = isPadding ? endOfBlanks(chunk, 0) : 0;
    isPadding &&= start === chunk.length;
    for (const end of endsOf(delimiter, before, chunk)) {
      yield chunk.subarray(start, end);
      start = endOfBlanks(chunk, end);
      isPadding = start === chunk.length;
    }
    if (start < chunk.length) yield chunk.subarray(start);
    before = Buffer.concat([before, chunk.subarray(1 - delimiter.length)]).subarray(1 - delimiter.length);
  }
}

/** Where the delimiters end in a chunk. The first one may begin in the bytes before it. */
function* endsOf(delimiter: Buffer, before: Buffer, chunk: Buffer): Generator<number> {
  const seam = Buffer.concat([before, chunk.subarray(0, delimiter.length - 1)]);
  const across = seam.indexOf(delimiter);
  if (across !== -1) yield across + delimiter.length - before.length;
  for (let at = chunk.indexOf(delimiter); at !== -1; ) {
    const end = at + delimiter.length;
    yield end;
    at = chunk.indexOf(delimiter, end);
  }
}

const BLANKS = [0x20, 0x09];

function endOfBlanks(text: Buffer, from: number): number {
  let end = from;
  while (end < text.length && BLANKS.includes(text[end] ?? 0)) end++;
  return end;
}
