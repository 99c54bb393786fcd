import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, expect, test } from 'vitest';
import { uploadAndWait } from '../harness/client.js';
import { encodeHeic, findOrInstallHeif, heicDecoders } from '../harness/heif-enc.js';
import { photo } from '../harness/pictures.js';
import { startError } from '../harness/processes.js';
import { startStack } from '../harness/stack.js';

beforeAll(() => findOrInstallHeif((line) => console.log(line)));

test.each(heicDecoders())(
  'publishes a HEIC as JPEG with %s, and names a missing decoder when a worker starts',
  async (decoder) => {
    await using stack = await open(decoder);
    const image = await uploadAndWait(
      stack,
      await encodeHeic([
        await sharp(await photo())
          .png()
          .toBuffer(),
      ]),
      {
        filename: 'IMG_1.HEIC',
        type: 'image/heic',
      },
    );
    expect(image).toMatchObject({
      status: 'published',
      source: { mediaType: 'image/heic', filename: 'IMG_1.HEIC' },
      variants: { main: { mediaType: 'image/jpeg' }, thumb: { mediaType: 'image/webp' } },
    });
    const { format } = await sharp(
      Buffer.from(await (await fetch(image.url ?? '')).arrayBuffer()),
    ).metadata();
    expect(format).toBe('jpeg');

    const failure = await startError('worker', { ...stack.env, HEIC_DECODER: '/nowhere/heif-dec' });
    expect(failure).toMatch(
      /ended with 78[\s\S]*HEIC_DECODER: \/nowhere\/heif-dec cannot be started[\s\S]*apt-get install/,
    );
    const wrong = await startError('worker', { ...stack.env, HEIC_DECODER: '/bin/true' });
    expect(wrong).toMatch(/ended with 78[\s\S]*HEIC_DECODER: \/bin\/true did not decode a sample/);
  },
);

test.runIf(process.getuid?.() === 0)(
  'does not start a worker whose decoders may not run the command',
  async () => {
    await using stack = await open(heicDecoders()[0] ?? '');
    await using folder = await mkdtempDisposable(join(tmpdir(), 'pixdock-heif-dec-'));
    const command = join(folder.path, 'heif-dec');
    await writeFile(command, `#!/bin/sh\nexec ${heicDecoders()[0]} "$@"\n`, { mode: 0o700 });
    const failure = await startError('worker', { ...stack.env, HEIC_DECODER: command });
    expect(failure).toMatch(/ended with 78[\s\S]*heif-dec cannot be started/);
  },
);

async function open(decoder: string) {
  const stack = await startStack({ HEIC_DECODER: decoder });
  return { ...stack, [Symbol.asyncDispose]: () => stack.stop() };
}
