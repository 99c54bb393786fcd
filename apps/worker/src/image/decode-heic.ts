import { statfs, writeFile } from 'node:fs/promises';
import { detailOf } from '@pixdock/contract/messages/detail';
import { runHeicDecoder } from '@pixdock/shared/runtime/heic-decoder';
import sharp from 'sharp';
import { damageRefusal } from './checks.js';
import type { Inspected } from './inspect.js';
import { Refusal } from './refusal.js';
import type { ImageLimits } from './types.js';

/** File names in the lane's folder that no variant can have. */
const NAMES = { folder: '.', input: '.heic', output: '.heic.png' };

const MEMORY_BYTES = 1.5 * 1024 ** 3;
const CPU_SECONDS = 10;
const CPU_SECONDS_PER_MEGAPIXEL = 1;
/** Four samples of 16 bits, and the overhead of deflate on incompressible rows. */
const OUTPUT_BYTES_PER_PIXEL = 8.1;
const OUTPUT_BYTES = 32 * 1024 ** 2;
/** With less free space, the command could not write. */
const FULL_BYTES = 1024 ** 2;
/** Below the limit for the whole image, after which the worker replaces this process. */
const TIMEOUT_MS = 100_000;

/** Decodes the image with HEIC_DECODER, upright and in RGB. @returns the path of a PNG @throws Refusal */
export async function decodeHeic(
  { rewritten, heic, metadata: { width, height }, file }: Inspected,
  { heicDecoder }: ImageLimits,
): Promise<string> {
  if (rewritten === null || heic === null || heicDecoder === null) throw new Refusal('heic_unsupported');
  await writeFile(NAMES.input, rewritten);
  const { end, reason } = await runHeicDecoder(heicDecoder, NAMES, {
    memoryBytes: MEMORY_BYTES,
    cpuSeconds: Math.ceil(CPU_SECONDS + (CPU_SECONDS_PER_MEGAPIXEL * heic.codedPixels) / 1_000_000),
    outputBytes: Math.ceil(OUTPUT_BYTES + OUTPUT_BYTES_PER_PIXEL * width * height),
    timeoutMs: TIMEOUT_MS,
  });
  // The image waits until the operator has repaired the installation.
  if (end === 'missing') throw fault(reason, 'EACCES');
  // The image is tried again.
  if (end === 'stopped') throw fault(reason);
  if (end === 'limit') throw new Refusal('image_too_complex', detailOf('heic-work'));
  // heif-dec ends with 0 although it could not write all pixels.
  if (await isDiskFull()) throw fault(reason, 'ENOSPC');
  const png =
    end === 'decoded'
      ? await sharp(NAMES.output)
          .metadata()
          .catch(() => null)
      : null;
  if (png?.width !== width || png.height !== height) throw damageRefusal(file, 'heic');
  return NAMES.output;
}

const fault = (reason: string, code?: string) =>
  Object.assign(new Error(`HEIC_DECODER: ${reason}`), { code });

async function isDiskFull(): Promise<boolean> {
  const { bavail, bsize } = await statfs(NAMES.folder);
  return bavail * bsize < FULL_BYTES;
}
