import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { MAX_LINE_BYTES, readLines } from './lines.js';

function read() {
  const stream = new PassThrough();
  const seen: string[] = [];
  readLines(
    stream,
    (line) => seen.push(line),
    () => seen.push('too long'),
  );
  return { stream, seen };
}

it('joins lines from any chunks', async () => {
  const { stream, seen } = read();
  for (const byte of 'one\ntwo\n\nthr') stream.write(byte);
  stream.end('ee\nfour');
  await new Promise((resolve) => stream.once('end', resolve));
  expect(seen).toEqual(['one', 'two', '', 'three']);
});

it('discards a line that is too long and everything after it', async () => {
  const { stream, seen } = read();
  stream.write(`${'x'.repeat(MAX_LINE_BYTES)}\n`);
  stream.write('x'.repeat(MAX_LINE_BYTES));
  stream.write('x');
  stream.end('\nnext\n');
  await new Promise((resolve) => stream.once('end', resolve));
  expect(seen).toEqual(['x'.repeat(MAX_LINE_BYTES), 'too long']);
});
