import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { measureRender } from './render.js';

const CHECKOUT = fileURLToPath(new URL('../../..', import.meta.url));
const OPTIONS = { images: null, profile: 'default', rounds: 1, photographs: 4, scale: 0.05, say: () => {} };

/** A small `pnpm bench render`. Its figures mean nothing beside other tests. */
test.each([
  { what: 'decoder', isWhole: false },
  { what: 'service', isWhole: true },
])('renders the same pictures with the $what of each checkout', async ({ isWhole }) => {
  const kinds = await measureRender({ ...OPTIONS, isWhole, checkouts: [CHECKOUT, CHECKOUT] });
  expect(kinds.map(({ kind, images }) => `${images} ${kind}`).toSorted()).toEqual([
    '18 graphics',
    '22 all',
    '4 photographs',
  ]);
  for (const { msPerImage } of kinds) expect(msPerImage.map(Number.isFinite)).toEqual([true, true]);
});
