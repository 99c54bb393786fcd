import sharp from 'sharp';
import { expect } from 'vitest';
import type { Rendered } from '../types.js';
import { type Bench, profile } from './bench.js';
import { containsPayload } from './payload.js';

const every = profile({
  variants: {
    main: {},
    jpeg: { format: 'jpeg' },
    moz: { format: 'jpeg', effort: 6 },
    png: { format: 'png' },
    webp: { format: 'webp', width: 20 },
    avif: { format: 'avif', effort: 0 },
    gif: { format: 'gif' },
  },
});
const preserved = profile({ ...every, colorSpace: 'preserve' });

/** Renders a source that contains the payload to every format and expects neither the files nor the receipt to contain it. */
export async function expectClean(
  bench: Bench,
  source: Buffer,
  payload: string,
): Promise<Rendered['receipt']> {
  expect(containsPayload(source, payload), 'the source contains the payload').toBe(true);
  const receipts = [];
  for (const wanted of [every, preserved]) {
    const { files, receipt, placeholder } = await bench.rendered(source, { profile: wanted });
    for (const [name, file] of Object.entries(files)) {
      expect(containsPayload(file, payload), `${name} is clean`).toBe(false);
      expect(file.includes('<script')).toBe(false);
      const { exif, xmp, iptc, orientation, comments } = await sharp(file).metadata();
      expect([exif, xmp, iptc, orientation, comments]).toEqual(Array(5).fill(undefined));
    }
    expect(JSON.stringify({ receipt, placeholder })).not.toContain(payload);
    receipts.push(receipt);
  }
  const [receipt] = receipts;
  if (receipt === undefined) throw new Error('nothing was rendered');
  return receipt;
}
