import { sleep } from '@pixdock/shared/runtime/clock';
import type { Alice } from '../alice/alice.js';
import { headOf } from '../alice/request.js';
import type { Attack } from '../attack.js';
import { postAsBob } from '../post-as-bob.js';
import { JPEG_HEAD, KIB, MIB, writeEachSecond } from './support.js';

const IMAGES = '/v1/images';
const MAX_SOCKETS = 5000;
const BOB_EVERY_MS = 4000;

export const slowUploads: Attack = {
  name: 'slow-uploads',
  about:
    'D4: 120 uploads that declare 20 MiB and send 1 KiB/s, with 1 GiB of staging; bob uploads 8 MiB at a time',
  env: { STAGING_MAX_BYTES: '1GiB' },
  maxMs: 45_000,
  async run(alice, size) {
    const head = headOf('POST', IMAGES, { 'Content-Type': 'image/jpeg', 'Content-Length': String(20 * MIB) });
    const piece = Buffer.from(JPEG_HEAD.repeat(KIB / 4), 'latin1');
    await drip(alice, Math.min(120 * size, MAX_SOCKETS), head, piece);
  },
  async beside({ api, picture }, signal) {
    const large = padded(picture, 8 * MIB);
    const statuses: string[] = [];
    for (;;) {
      await sleep(BOB_EVERY_MS, signal);
      if (signal.aborted) break;
      statuses.push(await postAsBob(api, 'image/jpeg', large, 10));
    }
    const refused = statuses.filter((status) => status !== '201');
    return refused.length === 0
      ? []
      : [`bob's uploads of 8 MiB: ${refused.join(' ')}, ${refused.length} of ${statuses.length}`];
  },
};

/** A JPEG padded with comments (ITU-T T.81 B.2.4.5), which do not make decoding slower. */
function padded(jpeg: Buffer, bytes: number): Buffer {
  const comment = Buffer.alloc(64 * KIB, 'x');
  comment.writeUInt16BE(0xfffe, 0);
  comment.writeUInt16BE(comment.length - 2, 2);
  const comments = Array.from({ length: Math.ceil(bytes / comment.length) }, () => comment);
  return Buffer.concat([jpeg.subarray(0, 2), ...comments, jpeg.subarray(2)]);
}

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
