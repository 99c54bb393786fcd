import sharp from 'sharp';
import type { Alice } from '../alice/alice.js';
import { get, headOf, post } from '../alice/request.js';
import type { Attack } from '../attack.js';
import { deleteAll, idsIn, KIB, MIB, pathOf, writeEachSecond } from './support.js';

const IMAGES = '/v1/images';
const JPEG = 'image/jpeg';
/** What a JPEG begins with, so that it is not refused for its type. */
const JPEG_HEAD = '\xff\xd8\xff\xe0';
const MAX_SOCKETS = 5000;

const flat = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: '#3a7' } });

export const slowUploads: Attack = {
  name: 'slow-uploads',
  about: 'D4: 120 uploads that declare 20 MiB and send 1 KiB/s, with 1 GiB of staging',
  env: { STAGING_MAX_BYTES: '1GiB' },
  maxMs: 45_000,
  async run(alice, size) {
    const head = headOf('POST', IMAGES, { 'Content-Type': JPEG, 'Content-Length': String(20 * MIB) });
    const piece = Buffer.from(JPEG_HEAD.repeat(KIB / 4), 'latin1');
    await drip(alice, Math.min(120 * size, MAX_SOCKETS), head, piece);
  },
};

export const endlessForms: Attack = {
  name: 'endless-forms',
  about: 'multipart forms without a length: a file, a field or a preamble that never ends',
  maxMs: 20_000,
  async run(alice, size) {
    const head = headOf('POST', IMAGES, {
      'Content-Type': 'multipart/form-data; boundary=b',
      'Transfer-Encoding': 'chunked',
    });
    const part = (name: string) => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n`;
    const starts = [part('file"; filename="a.jpg') + JPEG_HEAD, part('note'), 'preamble\r\n'].map((text) =>
      Buffer.concat([head, chunk(Buffer.from(text, 'latin1'))]),
    );
    const piece = chunk(Buffer.alloc(4 * KIB, 0xff));
    const each = Math.min(20 * size, 300);
    await Promise.all(starts.map((start) => drip(alice, each, start, piece)));
  },
};

const chunk = (bytes: Buffer) =>
  Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);

/** Opens uploads that send a piece each second until the attack is over; refused ones are opened again. */
async function drip(alice: Alice, count: number, head: Uint8Array, piece: Uint8Array): Promise<void> {
  const upload = async (): Promise<void> => {
    while (!alice.signal.aborted) {
      const socket = await alice.socket();
      if (socket === null) {
        await alice.wait(1000);
        continue;
      }
      socket.once('data', (data) => {
        alice.count(data.toString('latin1', 9, 12));
        socket.destroy();
      });
      socket.write(head);
      await writeEachSecond(alice, socket, piece);
    }
  };
  await Promise.all(Array.from({ length: count }, upload));
}

export const uploadFlood: Attack = {
  name: 'upload-flood',
  about: "D10: 10,000 single uploads as fast as they are accepted; bob's image must not wait for them",
  maxMs: 30_000,
  watchMs: 4000,
  async run(alice, size) {
    const request = post(IMAGES, JPEG, await flat(1500, 1500).jpeg().toBuffer());
    await alice.flood({ connections: 32, total: 10_000 * size, request: () => request });
  },
};

export const idempotencyKeys: Attack = {
  name: 'idempotency-keys',
  about: 'uploads under thousands of Idempotency-Keys, and one key used by all at once',
  async run(alice, size) {
    const body = await flat(16, 16).jpeg().toBuffer();
    const key = (n: number) => (n % 2 === 0 ? `key-${n}-${'k'.repeat(200)}` : 'the-same-key');
    await alice.flood({
      connections: 32,
      total: 1000 * size,
      request: (n) => post(IMAGES, JPEG, body, { 'Idempotency-Key': key(n) }),
    });
  },
};

export const deleteFlood: Attack = {
  name: 'delete-flood',
  about: 'DELETE and retry of the same few images at full speed',
  isDeleted: true,
  async run(alice, size) {
    const request = post(IMAGES, JPEG, Buffer.from(JPEG_HEAD, 'latin1'));
    const ids = idsIn(
      await alice.flood({ connections: 4, total: 20, keepsBody: true, request: () => request }),
    );
    const requests = ids.flatMap((id, n) =>
      n % 2 === 0
        ? [get(pathOf(id), {}, 'DELETE')]
        : [post(`${pathOf(id)}/retry`, 'application/json', '{}'), get(pathOf(id))],
    );
    if (requests.length === 0) return;
    await alice.flood({
      connections: 32,
      total: 2000 * size,
      request: (n) => requests[n % requests.length] ?? [],
    });
    await deleteAll(alice, ids);
  },
};

export const slowDecodes: Attack = {
  name: 'slow-decodes',
  about: 'images of 49 megapixels that keep every lane of the worker busy',
  watchMs: 12_000,
  maxMs: 30_000,
  async run(alice, size) {
    const picture = await flat(7000, 7000).png({ progressive: true, compressionLevel: 1 }).toBuffer();
    const request = post(IMAGES, 'image/png', picture);
    await alice.flood({ connections: 8, total: 20 * size, request: () => request });
  },
};

export const formParts: Attack = {
  name: 'form-parts',
  about: 'forms of 10,000 parts, of parts with long headers, and of one part that is all boundary',
  async run(alice, size) {
    const part = (n: number) => `--b\r\nContent-Disposition: form-data; name="f${n}"\r\n\r\nx\r\n`;
    const bodies = [
      `${Array.from({ length: 10_000 }, (_, n) => part(n)).join('')}--b--\r\n`,
      `--b\r\nContent-Disposition: form-data; name="${'x'.repeat(500 * KIB)}"\r\n\r\nx\r\n--b--\r\n`,
      `--b\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n${'\r\n--'.repeat(120 * KIB)}`,
    ];
    const requests = [IMAGES, '/v1/batches'].flatMap((path) =>
      bodies.map((body) => post(path, 'multipart/form-data; boundary=b', body)),
    );
    await alice.flood({
      connections: 8,
      total: 30 * size,
      request: (n) => requests[n % requests.length] ?? [],
    });
  },
};
