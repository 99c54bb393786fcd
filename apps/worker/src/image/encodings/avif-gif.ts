import type { Encodings, Task } from './encoding.js';
import { EXACT_EFFORT, QUALITY } from './quality.js';

const QUALITY_STEP = 10;

export async function* encodeAvif({ picture, variant, source }: Task): Encodings {
  const { effort, quality: wanted = QUALITY.avif } = variant;
  const qualities =
    source.format === 'avif' ? [wanted, wanted - QUALITY_STEP, wanted - 2 * QUALITY_STEP] : [wanted];
  for (const quality of qualities.filter((each) => each > 0)) {
    const data = await (await picture.open()).avif({ quality, effort }).toBuffer();
    yield { data, encoder: `avif q${quality} effort ${effort}`, quality, isLossless: false };
  }
}

export async function* encodeGif({ picture, variant, source, timing }: Task): Encodings {
  const effort = Math.max(source.format === 'gif' ? EXACT_EFFORT : 1, variant.effort);
  const dither = source.format === 'gif' ? { dither: 0 } : {};
  const data = await (await picture.open()).gif({ effort, ...dither, ...timing }).toBuffer();
  yield { data, encoder: `gif effort ${effort}`, quality: null, isLossless: source.format === 'gif' };
}
