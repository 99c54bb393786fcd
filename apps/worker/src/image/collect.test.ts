import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { profileSchema } from '@pixdock/contract/profile';
import { testReceipt } from '@pixdock/shared/testing/receipt';
import { expect, it, onTestFinished } from 'vitest';
import { collect } from './collect.js';
import type { RenderedByChild } from './from-child.js';
import { pngHeader } from './testing/png.js';

const { profileVersion: _, ...RECEIPT } = testReceipt();
const REPORTED: RenderedByChild = {
  source: { format: 'png', width: 1, height: 1, frames: 1 },
  variants: { main: { format: 'png', width: 1, height: 1 } },
  placeholder: { thumbhash: 'AA==', color: '#000000' },
  receipt: RECEIPT,
};

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pixdock-collect-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

it('reads bytes that the child cannot change, even if it has its file open', async () => {
  const folder = await makeFolder();
  const bytes = pngHeader(1, 1);
  await using ofChild = await open(join(folder, 'main.png'), 'w');
  await ofChild.writeFile(bytes);
  const profile = profileSchema.parse({ variants: { main: {} } });
  const collection = await collect(REPORTED, profile, folder);
  await ofChild.truncate(1024 ** 2);
  expect(collection?.bodies.get('main')).toEqual(bytes);
});
