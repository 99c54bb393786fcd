import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { measureRender } from './render.js';

const CHECKOUT = fileURLToPath(new URL('../../..', import.meta.url));

/** A small `pnpm bench:render`. Its figures mean nothing beside other tests. */
test('renders the same pictures with the decoder of each checkout', async () => {
  const kinds = await measureRender({
    checkouts: [CHECKOUT, CHECKOUT],
    images: null,
    profile: 'default',
    rounds: 1,
    pictures: 4,
    scale: 0.05,
    say: () => {},
  });
  expect(kinds.map(({ kind, images }) => `${images} ${kind}`).toSorted()).toEqual(['1 webp', '3 jpeg']);
  for (const { msPerImage } of kinds) expect(msPerImage).toHaveLength(2);
});
