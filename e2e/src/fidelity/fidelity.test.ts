import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checksOf } from './checks.js';
import { openMagick } from './decoders/magick.js';
import { runFidelity } from './fidelity.js';
import { makePictures } from './pictures/make-pictures.js';
import { reportOf } from './report.js';

/** A small `pnpm fidelity`, with a decoder that needs only Node. */
test('publishes 200 generated pictures that are neither worse nor larger', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pixdock-pictures-'));
  try {
    const sources = await makePictures(folder);
    expect(sources).toHaveLength(200);
    await using decoder = await openMagick();
    const signal = AbortSignal.timeout(DEADLINE_MS);
    const result = await runFidelity({ sources, decoder, profile: 'default', say: () => {}, signal });
    expect([result.judged.length, result.refused]).toEqual([200, []]);
    const failed = checksOf(result).filter(({ ok }) => !ok);
    expect(failed, reportOf(result).lines.join('\n')).toEqual([]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

const DEADLINE_MS = 180_000;
