import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import type { ImageFormat } from '@pixdock/contract/media-type';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compare } from '../compare.js';
import { makePictures } from '../pictures/make-pictures.js';
import type { SourceFile } from '../sources.js';
import type { Decoder } from './decoder.js';
import { findPython, PACKAGES } from './find-python.js';
import { openMagick } from './magick.js';
import { openPillow } from './pillow.js';

const python = findPython();
const only = python === null ? `, which needs Debian's ${PACKAGES}` : '';

let folder: string;
let pictures: SourceFile[];
let magick: Decoder;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pixdock-pictures-'));
  [pictures, magick] = await Promise.all([makePictures(folder, 16), openMagick()]);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test.skipIf(python === null)(`Pillow and ImageMagick decode the same pixels${only}`, async () => {
  await using pillow = await openPillow(python ?? '');
  for (const { path, name } of pictures) {
    const file = { path, format: formatOf(name) };
    await using one = await pillow.decode(file);
    await using other = await magick.decode(file);
    const { deltaE, findings } = await compare(one, other);
    expect([name, deltaE < MAX_DELTA_E, findings]).toEqual([name, true, []]);
  }
});

/** Decoders round and smooth the colours of JPEG, lossy WebP and AVIF in their own ways. */
const MAX_DELTA_E = 0.7;

const formatOf = (name: string): ImageFormat => extname(name).slice(1) as ImageFormat;
