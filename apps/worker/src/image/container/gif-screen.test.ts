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
  const wider = Buffer.from(file);
  wider.writeUInt16LE(9, 6);
  expect(showsIn(wider)).toBe(true);
});

it('adds a missing trailer, and a transparent frame where alpha is needed', async () => {
  const file = await gif();
  const complete = (part: Buffer, needsAlpha: boolean) =>
    withBytes(part, (bytes) => completeGif(bytes, needsAlpha));
  expect(complete(file, false)).toBeNull();
  expect(complete(file.subarray(0, -1), false)).toEqual(file);
  const withFrame = complete(file, true) ?? Buffer.of();
  const images = (types: string[]) => types.filter((type) => type === 'image').length;
  expect(images(typesOf(withFrame))).toBe(images(typesOf(file)) + 1);
  expect(typesOf(withFrame).at(-1)).toBe('end');
});
