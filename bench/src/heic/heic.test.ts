import { heicDecoders } from '@pixdock/e2e/harness/heif-enc';
import { HEIC_WASM } from '@pixdock/shared/runtime/heic-decoder';
import { expect, test } from 'vitest';
import { measureHeic } from './heic.js';

/** A small `pnpm bench heic`. Its figures are meaningless while other tests run. */
test('measures the CPU time of a HEIC and of a JPEG', async () => {
  const { costs } = await measureHeic({ images: 1, width: 320, height: 240, say: () => {} });
  expect(costs.map(({ source }) => source)).toEqual([
    'JPEG',
    'HEIC, 8 bits',
    'HEIC, 10 bits',
    ...(heicDecoders().includes(HEIC_WASM) ? ['HEIC, 8 bits, `wasm`', 'HEIC, 10 bits, `wasm`'] : []),
  ]);
  for (const { kib, workerMs } of costs) expect(Math.min(kib, workerMs)).toBeGreaterThan(0);
});
