import { createHash } from 'node:crypto';
import { photo, picture } from '../harness/pictures.js';

export interface Picture {
  bytes: Buffer;
  type: string;
  sha256: string;
  /** The expected outcome under any fault: null for published, else the codes that it may fail with. */
  fails: readonly string[] | null;
}

export interface Pictures {
  good: readonly Picture[];
  /** Accepted by the API, rejected by the decoder. */
  bad: readonly Picture[];
}

export async function makePictures(): Promise<Pictures> {
  const whole = await photo(320, 240);
  const good: [Buffer, string][] = [
    [await photo(64, 48), 'image/jpeg'],
    [whole, 'image/jpeg'],
    [await photo(800, 600), 'image/jpeg'],
    [await picture(200, 150).ensureAlpha(0.5).png().toBuffer(), 'image/png'],
    [await picture(240, 180).webp().toBuffer(), 'image/webp'],
  ];
  const cut = whole.subarray(0, Math.floor(whole.length / 2));
  return {
    good: good.map(([bytes, type]) => made(bytes, type, null)),
    bad: [made(cut, 'image/jpeg', ['image_truncated', 'image_corrupt'])],
  };
}

function made(bytes: Buffer, type: string, fails: readonly string[] | null): Picture {
  return { bytes, type, sha256: createHash('sha256').update(bytes).digest('hex'), fails };
}
