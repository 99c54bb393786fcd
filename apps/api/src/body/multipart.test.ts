import { Readable } from 'node:stream';
import type { Sink } from '@pixdock/shared/state/files/sink';
import { expect, test } from 'vitest';
import { type Form, readForm } from './multipart.js';

const TYPE = 'multipart/form-data; boundary=b';

test('accepts fields before and after the file, with any chunk size', async () => {
  const content = 'bytes with\r\n--a false boundary\r\n-- and --b inside\r\n--';
  const body = form(
    field('profile', 'avatar'),
    file(content, 'form-data; name="file"; filename="图.jpg"'),
    field('metadata', '{"名":"值"}'),
  );
  for (const size of [1, 2, 3, 7, 64, body.length]) {
    const { written, form: read } = await parse(body, size);
    expect(written).toBe(content);
    expect(read.filename).toBe('图.jpg');
    expect(read.declaredType).toBe('image/jpeg');
    expect([...read.fields]).toEqual([
      ['profile', 'avatar'],
      ['metadata', '{"名":"值"}'],
    ]);
  }
});

test.each([1000, 16_384, 20_000, 60_000, 200_000])(
  'accepts %i bytes with the end in the same chunk',
  async (bytes) => {
    const content = 'x'.repeat(bytes);
    const value = 'y'.repeat(Math.min(bytes, 32_768));
    for (const parts of [
      [file(content)],
      [file(content), field('metadata', value)],
      [field('metadata', value), file(content)],
      [field('a', value), field('b', value), file(content), field('c', value)],
    ]) {
      const body = `${form(...parts)}epilogue`;
      for (const size of [body.length, body.length - 5, 65_536])
        expect((await parse(body, size)).written).toBe(content);
    }
  },
);

test('accepts an empty file, a preamble and an epilogue', async () => {
  const { written } = await parse(`preamble\r\n${form(file(''))}epilogue\r\n--b\r\n`);
  expect(written).toBe('');
});

test.each([
  ['nothing at all', ''],
  ['no part', '--b--\r\n'],
  ['no file', form(field('profile', 'default'))],
  ['another boundary', form(file('x')).replaceAll('--b', '--c')],
  ['no end', form(file('x')).slice(0, -6)],
  ['an end within the headers', '--b\r\nContent-Disposition: form-da'],
  ['an end after the headers', `--b\r\n${fileHead()}`],
  [
    'a part cut off in its headers by the next',
    `--b\r\nContent-Disposition: form-data\r\n${form(file('x'))}`,
  ],
  ['two files', form(file('x'), file('y'))],
  ['two files of other names', form(file('x', named('front')), file('y', named('back')))],
  ['a second file that is empty', form(file('x'), file('', named('back')))],
  ['metadata.KEY twice', form(field('metadata.a', 'x'), field('metadata.a', 'x'), file('x'))],
  ['a text as the file', form(field('file', 'x'.repeat(40_000)))],
  ['many fields', form(...Array.from({ length: 33 }, (_, i) => field(`f${i}`, 'x')), file('x'))],
  [
    'large fields',
    form(...Array.from({ length: 20 }, (_, i) => field(`f${i}`, 'x'.repeat(30_000))), file('x')),
  ],
  ['800 members', form(...Array.from({ length: 800 }, (_, i) => field(`metadata.${i}`, 'x')), file('x'))],
  ['the file as text', form(field('file', '@photo.jpg'))],
  ['a field twice', form(field('profile', 'a'), field('profile', 'a'), file('x'))],
  ['a part without disposition', form('--b\r\nContent-Type: image/jpeg\r\n\r\nx\r\n', file('x'))],
  ['an attachment', form(file('x', 'attachment; name="file"; filename="a.jpg"'))],
  ['a name with a line break', form(file('x', 'form-data; name="file"; filename="a\r\nb.jpg"'))],
  ['a name with a bare line feed', form(file('x', 'form-data; name="file"; filename="a\nb.jpg"'))],
  ['a nameless field', form('--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n', file('x'))],
  ['a huge field', form(field('metadata', 'x'.repeat(33 * 1024)), file('x'))],
  ['a field with a huge name', form(field('x'.repeat(70_000), 'x'), file('x'))],
  ['10,000 fields', form(...Array.from({ length: 10_000 }, (_, i) => field(`f${i}`, 'x')), file('x'))],
  ['a bomb of headers', form(`--b\r\n${'X: y\r\n'.repeat(50_000)}${fileHead()}x\r\n`)],
  [
    'a bomb of headers behind it',
    form(file('x', `form-data; name="file"; filename="a"${'\r\nX: y'.repeat(50)}`)),
  ],
])('refuses %s', async (_, body) => {
  for (const size of [1000, body.length || 1])
    await expect(parse(body, size)).rejects.toMatchObject({ code: 'invalid_request' });
});

test.each([
  ['under any name', form(file('x', named('files[]')))],
  ['under the name of an option', form(file('x', named('profile')))],
  ['of an image type without a file name', form(file('x', 'form-data; name="blob"'))],
  ['beside a field of its name', form(field('file', 'y'), file('x'))],
  ['before an input without a file', form(file('x'), file('', 'form-data; name="other"; filename=""'))],
  ['behind an input without a file', form(file('', 'form-data; name="other"; filename=""'), file('x'))],
])('accepts the file %s', async (_, body) => {
  for (const size of [1, body.length]) expect((await parse(body, size)).written).toBe('x');
});

test('accepts white space behind every boundary', async () => {
  const body = form(field('profile', 'x'), file('a \r\n--\tb ', named('file')), field('sha256', ''));
  const padded = body.replaceAll('--b\r\n', `--b \t${' '.repeat(50)}\r\n`).replace('--b--', '--b-- ');
  for (const size of [1, 2, 3, 7, 64, padded.length]) {
    const { written, form: read } = await parse(`preamble\r\n${padded}`, size);
    expect(written).toBe('a \r\n--\tb ');
    expect([...read.fields]).toEqual([
      ['profile', 'x'],
      ['sha256', ''],
    ]);
    expect((await parse(padded, size)).written).toBe(written);
  }
});

test.each([
  ['without a boundary', 'multipart/form-data'],
  ['without a value of the boundary', 'multipart/form-data; boundary'],
  ['with an empty boundary', 'multipart/form-data; boundary=""'],
  ['with a long boundary', `multipart/form-data; boundary=${'b'.repeat(253)}`],
])('refuses a type %s', async (_, type) => {
  const read = readForm(chunksOf(Buffer.from(form(file('x'))), 10), type, collector().sink);
  await expect(read).rejects.toMatchObject({ code: 'invalid_request' });
});

test.each([
  ['a boundary', 'a\r\n--bc'],
  ['a boundary, one dash and the end', 'a\r\n--b -\r\n--b--'],
  ['a boundary and one dash', 'a\r\n--b-c'],
  ['a boundary and a header', 'a\r\n--bX: y\r\nContent-Disposition: form-data; name="a"\r\n\r\n'],
])('refuses a file that contains %s, wherever the body is cut', async (_, content) => {
  const body = Buffer.from(form(file(content)));
  const begin = body.indexOf(content);
  for (let cut = begin; cut <= begin + content.length; cut++)
    await expect(parseChunks([body.subarray(0, cut), body.subarray(cut)])).rejects.toMatchObject({
      code: 'invalid_request',
    });
});

test('reads the same of a body, however it is cut into chunks', async () => {
  const random = lcg(20_261_128);
  const pieces = [
    'x',
    '\r',
    '\n',
    '-',
    ' ',
    '\r\n--b',
    '\r\n--b -',
    '\r\n--b\r\n',
    '\r\n--b--',
    '\r\n--b \r\n',
    fileHead(),
  ];
  const readCut = (body: Buffer, most: number) =>
    parseChunks(randomChunks(body, most, random)).then(
      ({ form: read, written }) => ({ ...read, fields: [...read.fields], written }),
      (error: { code?: string }) => error.code ?? error,
    );
  let accepted = 0;
  for (let round = 0; round < 120; round++) {
    const content = Array.from({ length: random(5) }, () => pieces[random(pieces.length)]).join('');
    const body = Buffer.from(form(field('profile', 'x'), file(content), field('sha256', 'y')));
    const whole = await readCut(body, body.length);
    if (typeof whole === 'object') accepted++;
    for (const most of [1, 8]) expect(await readCut(body, most), JSON.stringify(content)).toEqual(whole);
  }
  expect(accepted).toBeGreaterThan(20);
});

function randomChunks(body: Buffer, most: number, random: (below: number) => number): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at < body.length; ) {
    const size = most === body.length ? most : 1 + random(most);
    chunks.push(body.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

test('stops at once when the sink refuses, even in the middle of a chunk', async () => {
  const refusal = new Error('too large');
  const sink: Sink = { write: () => Promise.reject(refusal), finish: () => Promise.reject(refusal) };
  const body = Buffer.from(form(file('x'.repeat(1_000_000)), field('profile', 'default')));
  await expect(readForm(chunksOf(body, 100_000), TYPE, sink)).rejects.toBe(refusal);
});

test('reads no faster than a slow sink writes, without loss', async () => {
  const content = 'x'.repeat(300_000);
  const { sink, written } = collector();
  const slow: Sink = {
    ...sink,
    write: async (chunk) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      await sink.write(chunk);
    },
  };
  await readForm(chunksOf(Buffer.from(form(file(content), field('profile', 'default'))), 10_000), TYPE, slow);
  expect(written()).toBe(content);
});

test('settles for any input', async () => {
  const random = lcg(20_261_125);
  const whole = Buffer.from(form(field('profile', 'x'), file('content\r\n--b-\r\n'), field('sha256', 'y')));
  for (let round = 0; round < 2000; round++) {
    const body = Buffer.from(whole);
    for (let changes = random(4); changes >= 0; changes--) mutate(body, random);
    const cut = random(3) === 0 ? body.subarray(0, random(body.length)) : body;
    const settled = parse(cut, 1 + random(100)).then(
      () => 'read',
      (error: { code?: string }) => error.code,
    );
    expect(['read', 'invalid_request']).toContain(await settled);
  }
});

function mutate(body: Buffer, random: (below: number) => number): void {
  const pieces = ['\r', '\n', '-', '"', ';', '\r\n\r\n', '--b', '\r\n--b\r\n', '\r\n--b--', '\0', ':'];
  body.write(pieces[random(pieces.length)] ?? '', random(body.length), 'latin1');
}

function lcg(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function named(name: string): string {
  return `form-data; name="${name}"; filename="a.jpg"`;
}

function fileHead(disposition = 'form-data; name="file"; filename="a.jpg"'): string {
  return `Content-Disposition: ${disposition}\r\nContent-Type: image/jpeg\r\n\r\n`;
}

function file(content: string, disposition?: string): string {
  return `--b\r\n${fileHead(disposition)}${content}\r\n`;
}

function field(name: string, value: string): string {
  return `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
}

function form(...parts: string[]): string {
  return `${parts.join('')}--b--\r\n`;
}

interface Parsed {
  form: Form;
  written: string;
}

const parse = (body: string | Buffer, size = 1000) => parseChunks(chunksOf(Buffer.from(body), size));

async function parseChunks(chunks: Iterable<Buffer> | AsyncIterable<Buffer>): Promise<Parsed> {
  const { sink, written } = collector();
  const read = await readForm(Readable.from(chunks), TYPE, sink);
  return { form: read, written: written() };
}

function collector(): { sink: Sink; written: () => string } {
  const chunks: Buffer[] = [];
  const sink: Sink = {
    write: async (chunk) => void chunks.push(chunk),
    finish: () => Promise.reject(new Error('not asked for')),
  };
  return { sink, written: () => Buffer.concat(chunks).toString('utf8') };
}

async function* chunksOf(body: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < body.length; at += size) yield body.subarray(at, at + size);
}
