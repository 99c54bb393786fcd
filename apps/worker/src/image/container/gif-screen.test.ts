import sharp from 'sharp';
import { expect, it } from 'vitest';
import { withBytes } from '../testing/file-bytes.js';
import { open, scene } from '../testing/pictures.js';
import { gifBlocks, screenOf } from './gif.js';
import { completeGif, showsBackground } from './gif-screen.js';

const gif = () => open(scene(8, 8)).gif().toBuffer();
const typesOf = (file: Buffer) => withBytes(file, (bytes) => [...gifBlocks(bytes)].map(({ type }) => type));

it('finds a first frame that is smaller than the screen', async () => {
  const file = await gif();
  const showsIn = (screen: Buffer) => withBytes(screen, (bytes) => showsBackground(bytes, screenOf(bytes)));
  expect(showsIn(file)).toBe(false);
  const image = withBytes(
    file,
    (bytes) => [...gifBlocks(bytes)].find(({ type }) => type === 'image')?.at ?? 0,
  );
  const [width, height, left, top] = [6, 8, image + 1, image + 3];
  for (const [at, value] of [
    [width, 9],
    [height, 9],
    [left, 1],
    [top, 1],
  ] as const) {
    const changed = Buffer.from(file);
    changed.writeUInt16LE(value, at);
    expect(showsIn(changed)).toBe(true);
  }
});

it('adds a missing trailer, and a transparent frame where alpha is needed', async () => {
  const file = await gif();
  const complete = (part: Buffer, needsAlpha: boolean) =>
    withBytes(part, (bytes) => completeGif(bytes, needsAlpha));
  expect(complete(file.subarray(0, -1), false)).toEqual(complete(file, false));
  const withFrame = complete(file, true);
  const images = (types: string[]) => types.filter((type) => type === 'image').length;
  expect(images(typesOf(withFrame))).toBe(images(typesOf(file)) + 1);
  expect(typesOf(withFrame).at(-1)).toBe('end');
  // Without the flag for a transparent colour, the frames are opaque.
  const opaque = Buffer.from(file);
  const flags = opaque.indexOf(Buffer.of(0x21, 0xf9, 0x04)) + 3;
  opaque[flags] = (opaque[flags] ?? 0) & ~1;
  const hasAlpha = async (part: Buffer) => (await sharp(part, { animated: true }).metadata()).hasAlpha;
  expect(await hasAlpha(opaque)).toBe(false);
  expect(await hasAlpha(complete(opaque, true))).toBe(true);
});
