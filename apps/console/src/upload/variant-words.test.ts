import type { ListedProfile } from '@pixdock/client';
import { expect, test } from 'vitest';
import { variantWords } from './variant-words.js';

const variant = (changes: Partial<ListedProfile['variants'][string]>) =>
  ({ fit: 'inside', format: 'keep', width: null, height: null, ...changes }) as const;

test('says what a profile makes', () => {
  const variants = {
    main: variant({ width: 2560, height: 2560 }),
    thumb: variant({ format: 'webp', width: 320, height: 320, fit: 'cover' }),
    wide: variant({ width: 800 }),
    high: variant({ height: 600 }),
    full: variant({}),
  };
  expect(variantWords({ name: 'shop', version: '1', variants })).toBe(
    'main: up to 2560 × 2560 px · thumb: WEBP, up to 320 × 320 px, cropped · wide: up to 800 px wide · high: up to 600 px high · full: full size',
  );
});
