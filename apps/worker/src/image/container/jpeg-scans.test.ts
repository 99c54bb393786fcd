import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noise, open, scene, withSegment } from '../testing/pictures.js';
import { FileBytes } from './bytes.js';
import { countScans, indicatesDamage } from './jpeg-scans.js';

const SOI = Buffer.of(0xff, 0xd8);
const EOI = Buffer.of(0xff, 0xd9);
const SOS = Buffer.of(0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0);
const app = (payload: Buffer) => {
  const head = Buffer.of(0xff, 0xe5, 0, 0);
  head.writeUInt16BE(payload.length + 2, 2);
  return Buffer.concat([head, payload]);
};
const CHUNK = 256 * 1024;

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'pixdock-scans-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const count = (jpeg: Buffer, most = 1000) => reading(jpeg, (bytes) => countScans(bytes, most));

function reading<T>(jpeg: Buffer, read: (bytes: FileBytes) => T): T {
  const path = join(dir, 'jpeg');
  writeFileSync(path, jpeg);
  const file = openSync(path, 'r');
  try {
    return read(new FileBytes(file));
  } finally {
    closeSync(file);
  }
}

describe('the number of scans in real files', () => {
  it('is 1 for a baseline file and 10 for a progressive one in colour', async () => {
    expect(count(await open(noise(300, 200)).jpeg().toBuffer())).toEqual({ scans: 1, ended: true });
    expect(count(await open(noise(300, 200)).jpeg({ progressive: true }).toBuffer())).toEqual({
      scans: 10,
      ended: true,
    });
  });

  it('excludes scans in segments and after the end', async () => {
    const jpeg = await open(scene(100, 80)).jpeg().toBuffer();
    const thumbnail = await open(scene(16, 12)).jpeg({ progressive: true }).toBuffer();
    const full = withSegment(withSegment(jpeg, 0xe1, thumbnail), 0xfe, Buffer.from('ffdaffdaffda', 'hex'));
    expect(count(Buffer.concat([full, thumbnail, SOS, SOS]))).toEqual({ scans: 1, ended: true });
  });
});

describe('countScans', () => {
  const scan = Buffer.concat([SOS, Buffer.from('112233ff00ffd0445566ff00ffd777', 'hex')]);

  it('skips stuffed bytes, restart markers and fill bytes', () => {
    const fill = Buffer.alloc(20, 0xff);
    expect(count(Buffer.concat([SOI, scan, fill, scan, fill, EOI]))).toEqual({ scans: 2, ended: true });
    expect(count(Buffer.concat([SOI, fill, SOS, Buffer.from('11ffffff0022', 'hex'), EOI]))).toEqual({
      scans: 1,
      ended: true,
    });
  });

  it('counts the same at every chunk boundary', () => {
    const file = Buffer.concat([scan, app(Buffer.alloc(300, 0xda)), scan, Buffer.of(0xff), scan, EOI]);
    for (let before = CHUNK - file.length - 20; before < CHUNK + 20; before++) {
      const padding = before - 2;
      const quiet = Buffer.concat([SOI, Buffer.alloc(padding, 0x11), file]);
      expect(count(quiet), `padding of ${padding}`).toEqual({ scans: 3, ended: true });
    }
  });

  it('follows segments across several chunks', () => {
    const large = app(Buffer.alloc(65_533, 0xff));
    const file = Buffer.concat([SOI, ...Array.from({ length: 9 }, () => large), scan, large, scan, EOI]);
    expect(count(file)).toEqual({ scans: 2, ended: true });
  });

  it('stops one scan above the limit', () => {
    const many = Buffer.concat([SOI, ...Array.from({ length: 900 }, () => scan), EOI]);
    expect(count(many, 100)).toEqual({ scans: 101, ended: false });
    expect(count(many)).toEqual({ scans: 900, ended: true });
  });

  it('counts scans after a reserved marker', () => {
    // libjpeg continues directly after such a marker (jpeg_resync_to_restart).
    const hiding = Buffer.concat([SOS, Buffer.of(0x11, 0xff, 0x02, 0x7f, 0xf0), scan, scan, scan]);
    expect(count(Buffer.concat([SOI, hiding, EOI])).scans).toBe(4);
  });

  it.each([
    ['nothing', SOI],
    ['half a marker', Buffer.concat([SOI, Buffer.of(0xff)])],
    ['a marker without length', Buffer.concat([SOI, Buffer.of(0xff, 0xe0)])],
    ['half a length', Buffer.concat([SOI, Buffer.of(0xff, 0xe0, 0x10)])],
    ['a segment past the end', Buffer.concat([SOI, Buffer.of(0xff, 0xe0, 0xff, 0xff, 1, 2)])],
    ['fill bytes only', Buffer.concat([SOI, Buffer.alloc(CHUNK * 2, 0xff)])],
  ])('stops at %s', (_, file) => {
    expect(count(file)).toEqual({ scans: 0, ended: false });
  });
});

describe('indicatesDamage', () => {
  const whole = Buffer.concat([SOI, Buffer.of(0xff), app(Buffer.alloc(9)), SOS, EOI]);
  const stray = Buffer.concat([SOI, app(Buffer.alloc(9)), Buffer.alloc(90), SOS, EOI]);
  const isDamage = (message: string, jpeg = whole) =>
    reading(jpeg, (bytes) => indicatesDamage(`VipsJpeg: ${message}\n`, bytes));

  it.each([
    'Corrupt JPEG data: premature end of data segment',
    'Corrupt JPEG data: bad Huffman code',
    'Corrupt JPEG data: bad arithmetic code',
    'Corrupt JPEG data: found marker 0xd5 instead of RST3',
    'Corrupt JPEG data: 743 extraneous bytes before marker 0xd5',
  ])('is true for the warning “%s”', (message) => {
    expect(isDamage(message)).toBe(true);
  });

  it.each([
    'Invalid SOS parameters for sequential JPEG',
    'Inconsistent progression sequence for component 0 coefficient 0',
    'Corrupt JPEG data: 29 extraneous bytes before marker 0xd6',
  ])('ignores the warning “%s”', (message) => {
    expect(isDamage(message)).toBe(false);
  });

  it('ignores stray bytes between segments', () => {
    expect(isDamage('Corrupt JPEG data: 90 extraneous bytes before marker 0xda', stray)).toBe(false);
  });
});
