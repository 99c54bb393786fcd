import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bench, openBench, profile } from './testing/bench.js';
import { noise, open, plain, scene } from './testing/pictures.js';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const EOI = Buffer.of(0xff, 0xd9);
const ERROR_PAGE = Buffer.from('<html>502 Bad Gateway</html>'.repeat(10));
const firstHalf = (jpeg: Buffer) => jpeg.subarray(0, jpeg.length >> 1);
const from = (jpeg: Buffer, lost: number) => jpeg.subarray((jpeg.length >> 1) + lost);
const sizeAt = (jpeg: Buffer) =>
  Math.max(jpeg.indexOf(Buffer.of(0xff, 0xc0, 0)), jpeg.indexOf(Buffer.of(0xff, 0xc2, 0))) + 5;

const DAMAGES: Record<string, (jpeg: Buffer) => Buffer> = {
  'an upload that restarted in the middle': (jpeg) => Buffer.concat([firstHalf(jpeg), jpeg]),
  'an end marker after half of its data': (jpeg) => Buffer.concat([firstHalf(jpeg), EOI]),
  'an error page in the middle': (jpeg) => Buffer.concat([firstHalf(jpeg), ERROR_PAGE, EOI]),
  'a missing kilobyte': (jpeg) => Buffer.concat([firstHalf(jpeg), from(jpeg, 1000)]),
  'a hole': (jpeg) => Buffer.concat([firstHalf(jpeg), Buffer.alloc(2000), from(jpeg, 2000)]),
  'zeros in place of its end': (jpeg) => Buffer.concat([firstHalf(jpeg), Buffer.alloc(from(jpeg, 0).length)]),
  'twice its real height': (jpeg) => {
    const tall = Buffer.from(jpeg);
    tall.writeUInt16BE(jpeg.readUInt16BE(sizeAt(jpeg)) * 2, sizeAt(jpeg));
    return tall;
  },
};

const PICTURES = {
  baseline: () => open(noise(320, 240)).jpeg().toBuffer(),
  progressive: () => open(noise(320, 240)).jpeg({ progressive: true }).toBuffer(),
  grey: () => open(noise(320, 240)).greyscale().jpeg().toBuffer(),
  smooth: () => open(scene(1600, 1200)).jpeg({ quality: 95 }).toBuffer(),
};

describe.each(Object.entries(PICTURES))('a %s JPEG', (_name, make) => {
  it.each(Object.entries(DAMAGES))('is refused with %s', async (_damage, damaged) => {
    const jpeg = await make();
    expect(await bench.refusal(jpeg)).toBe('rendered');
    const small = profile({ variants: { main: { width: 60 } } });
    const code = damaged(jpeg).includes(EOI) ? 'image_corrupt' : 'image_truncated';
    expect(await bench.refusal(damaged(jpeg))).toBe(code);
    expect(await bench.refusal(damaged(jpeg), { profile: small })).toBe(code);
  });
});

describe('a JPEG that only looks damaged', () => {
  const jpeg = () => open(noise(64, 48)).jpeg().toBuffer();
  const scanAt = (file: Buffer) => file.indexOf(Buffer.of(0xff, 0xda));

  it('is published with the scan header of some Samsung phones, which is valid only in progressive files', async () => {
    const samsung = await jpeg();
    samsung.fill(0, scanAt(samsung) + 11, scanAt(samsung) + 14);
    expect(await bench.refusal(samsung)).toBe('rendered');
  });

  it('is published with bytes between its segments', async () => {
    const file = await jpeg();
    for (const place of [file.indexOf(Buffer.of(0xff, 0xc0)), scanAt(file)])
      for (const count of [1, 608]) {
        const stray = Buffer.concat([file.subarray(0, place), Buffer.alloc(count, 7), file.subarray(place)]);
        expect(await bench.refusal(stray), `${count} at ${place}`).toBe('rendered');
      }
  });

  it('is published in plain white, which is encoded as zeros', async () => {
    const white = await plain(3000, 2000, '#ffffff').jpeg().toBuffer();
    expect(white.includes(Buffer.alloc(5000))).toBe(true);
    expect(await bench.refusal(white)).toBe('rendered');
  });

  it('is published without its end marker', async () => {
    expect(await bench.refusal((await jpeg()).subarray(0, -2))).toBe('image_truncated');
  });
});
