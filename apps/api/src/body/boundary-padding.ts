/**
 * Removes the white space that a client may send between a boundary and its line end (RFC 2046 5.1.1), which the splitter of
 * busboy takes for a header.
 */
export async function* withoutPadding(
  chunks: AsyncIterable<Buffer>,
  boundary: string,
): AsyncGenerator<Buffer> {
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  // The first boundary may begin the body.
  let before: Buffer = Buffer.from('\r\n');
  let isPadding = false;
  for await (const chunk of chunks) {
    const text = Buffer.concat([before, chunk]);
    const kept: Buffer[] = [];
    let start = before.length;
    for (let at = start; ; isPadding = true) {
      if (isPadding) {
        const end = endOfBlanks(text, at);
        if (end > at) {
          kept.push(text.subarray(start, at));
          start = end;
        }
        isPadding = end === text.length;
        at = end;
      }
      const found = text.indexOf(delimiter, Math.max(0, at - delimiter.length + 1));
      if (found === -1) break;
      at = found + delimiter.length;
    }
    kept.push(text.subarray(start));
    before = text.subarray(-delimiter.length + 1);
    yield kept.length === 1 ? chunk : Buffer.concat(kept);
  }
}

const BLANKS = [0x20, 0x09];

function endOfBlanks(text: Buffer, from: number): number {
  let end = from;
  while (end < text.length && BLANKS.includes(text[end] ?? 0)) end++;
  return end;
}
