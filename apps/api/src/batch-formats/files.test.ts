import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { receiveBody, refusalOf } from './testing/receive.js';

const TYPE = 'multipart/form-data; boundary=b';
const part = (content: string, disposition: string, type = 'image/jpeg') =>
  `--b\r\nContent-Disposition: ${disposition}\r\nContent-Type: ${type}\r\n\r\n${content}\r\n`;
const file = (content: string, name = 'a.jpg', type?: string) =>
  part(content, `form-data; name="file"; filename="${name}"`, type);
const field = (name: string) => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\nx\r\n`;
const form = (...parts: string[]) => `${parts.join('')}--b--\r\n`;

test.each([1, 3, 64, 65_536])('stores files and adds their items, in chunks of %i bytes', async (size) => {
  const body = form(
    file('one\r\n--a', '图 1.jpg', 'image/PNG'),
    file('', 'empty.jpg'),
    file('x'.repeat(1001), 'large.jpg'),
    file('y'.repeat(1000), '../../etc/passwd'),
    part('two', 'form-data; name="file"', 'application/octet-stream'),
  );
  const received = await receiveBody({
    type: TYPE,
    body,
    size,
    inspect: async ({ uploads, upload }) => {
      expect((await readdir(uploads)).toSorted()).toEqual(['0', '3', '4']);
      expect(await readFile(upload('0'), 'utf8')).toBe('one\r\n--a');
      expect(await readFile(upload('3'), 'utf8')).toBe('y'.repeat(1000));
      expect(await readFile(upload('4'), 'utf8')).toBe('two');
    },
  });
  expect(received).toMatchObject({ columns: ['file'], total: 5, invalid: 2 });
  expect(received.items).toMatchObject([
    {
      row: 1,
      cells: ['图 1.jpg'],
      profile: 'default',
      externalId: null,
      filename: '图 1.jpg',
      declaredType: 'image/png',
      origin: { kind: 'file', name: '0' },
    },
    { row: 2, origin: null, fault: { code: 'empty_file', params: { row: 2, value: 'empty.jpg' } } },
    { row: 3, origin: null, fault: { code: 'source_too_large' } },
    { row: 4, cells: ['../../etc/passwd'], filename: 'passwd', origin: { name: '3' } },
    { row: 5, cells: [''], filename: null, origin: { name: '4' } },
  ]);
});

test('ignores the file inputs of a browser without a selected file', async () => {
  const input = part('', 'form-data; name="more"; filename=""', 'application/octet-stream');
  const { items, total, invalid, fingerprint } = await receiveBody({
    type: TYPE,
    body: form(input, file('one'), input, file('two', '')),
  });
  expect([total, invalid, items.map(({ row, filename }) => [row, filename])]).toEqual([
    2,
    0,
    [
      [1, 'a.jpg'],
      [2, null],
    ],
  ]);
  const without = await receiveBody({ type: TYPE, body: form(file('one'), file('two', '')) });
  expect(fingerprint).toBe(without.fingerprint);
  expect(await refusalOf({ type: TYPE, body: form(input) })).toMatch(/no items/);
});

test('computes the fingerprint from the files, not from the boundary', async () => {
  const of = async (content: string, boundary = 'b') => {
    const body = form(file(content), file('y')).replaceAll('--b', `--${boundary}`);
    return (await receiveBody({ type: `multipart/form-data; boundary=${boundary}`, body })).fingerprint;
  };
  expect(await of('x')).toBe(await of('x', 'another'));
  expect(await of('x')).not.toBe(await of('z'));
});

test.each([
  ['', /multipart body is malformed/],
  [form(), /malformed|no items/],
  [form(file('x')).slice(0, -6), /multipart body is malformed/],
  [form(file('x'), file('y')).slice(0, -20), /multipart body is malformed/],
  [form(file('x'), field('profile')), /only files, not the option "profile".*\?profile=NAME/],
  [form(file('x'), field('metadata.a')), /only files, not the option "metadata.a"/],
  [form(file('x'), field('external_id')), /`external_id` is not a known field. Write it as `externalId`/],
  [form(field('file')), /is text, not a file/],
  [form(file('x'), part('x', 'attachment; name="file"; filename="a.jpg"')), /malformed/],
  [form(file('PK\x03\x04 a', 'photos.zip')), /Send an archive as the body/],
  [form(file('url\nhttps://a.example/', 'rows.csv')), /Send a list of URLs as the body/],
])('refuses %.60j', async (body, reason) => {
  for (const size of [1, 65_536]) expect(await refusalOf({ type: TYPE, body, size })).toMatch(reason);
});

test('takes text that is named as an image for one invalid image', async () => {
  const { total } = await receiveBody({ type: TYPE, body: form(file('{"error": "not found"}', 'a.jpg')) });
  expect(total).toBe(1);
});

test('refuses too many files and too many bytes', async () => {
  const body = form(...Array<string>(11).fill(file('x')));
  expect(await refusalOf({ type: TYPE, body, limits: { maxBatchItems: 10 } })).toMatch(/^too_many_items/);
  const maxBatchBytes = body.length - 1;
  expect(await refusalOf({ type: TYPE, body, limits: { maxBatchBytes } })).toMatch(/^payload_too_large/);
});

test.skipIf(process.platform !== 'linux')('closes all files of a truncated form', async () => {
  async function* cut(): AsyncGenerator<Buffer> {
    yield Buffer.from(file('x'.repeat(500)).slice(0, -100));
    throw new Error('gone');
  }
  const before = await openFiles();
  for (let i = 0; i < 5; i++)
    expect(await refusalOf({ type: TYPE, body: cut() })).toMatch(/^invalid_request: The body ended before/);
  expect(await openFiles()).toEqual(before);
});

test('reads many files one after the other, no faster than it writes them', async () => {
  const one = file('x'.repeat(900));
  let sent = 0;
  let added = 0;
  let ahead = 0;
  async function* many(): AsyncGenerator<Buffer> {
    for (; sent < 400; sent += 20) {
      ahead = Math.max(ahead, sent - added);
      yield Buffer.from(one.repeat(20));
    }
    yield Buffer.from('--b--\r\n');
  }
  const onItem = () => void added++;
  expect(await receiveBody({ type: TYPE, body: many(), onItem })).toMatchObject({ total: 400, invalid: 0 });
  // A body reads 128 KiB ahead: 130 of these files.
  expect(ahead).toBeLessThan(200);
});

async function openFiles(): Promise<number> {
  return (await readdir('/proc/self/fd')).length;
}
