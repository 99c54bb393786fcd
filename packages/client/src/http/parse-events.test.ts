import { expect, it } from 'vitest';
import { parseEvents } from './parse-events.js';

async function parse(bytes: Uint8Array, size: number) {
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  const events = [];
  for await (const event of parseEvents(chunks())) events.push(event);
  return events;
}

const TEXT = [
  ': a comment\n\n',
  'retry: 1000\n\n',
  'id: 1\nevent: image\ndata: {"name":"图片"}\n\n',
  'id:2\r\ndata:a\r\ndata: b\r\n\r\n',
  'id: 3\rdata\r\r',
  'id: 4\ndata: cut off',
].join('');

it.each([1, 2, 3, 7, 1000])('parses events in chunks of %i bytes', async (size) => {
  const events = await parse(new TextEncoder().encode(TEXT), size);
  expect(events.filter(({ id }) => id !== undefined)).toEqual([
    { id: '1', type: 'image', data: '{"name":"图片"}' },
    { id: '2', type: 'message', data: 'a\nb' },
    { id: '3', type: 'message', data: '' },
  ]);
});
