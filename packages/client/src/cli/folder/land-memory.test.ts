import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Image } from '@pixdock/contract/image';
import { expect, it } from 'vitest';
import type { Pixdock } from '../../pixdock.js';
import { temporaryFolder } from '../testing/run-pixdock.js';
import { createLander } from './land.js';
import { openState } from './state.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

it('keeps no whole image of what it landed', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'a.jpg'), 'A');
  let seen: WeakRef<Image> | undefined;
  const images = {
    upload: () => Promise.resolve({ id: 'img_1' }),
    waitFor: () => {
      const image = { id: 'img_1', status: 'published', url: 'http://oss/1', error: null } as Image;
      seen = new WeakRef(image);
      return Promise.resolve(image);
    },
  };
  const state = await openState(join(folder, 'state'), { forget: false });
  const land = createLander({ client: { images } as unknown as Pixdock, state, profile: 'default' });
  const file = { path: 'a.jpg', absolute: Buffer.from(join(folder, 'a.jpg')), size: 1, mtimeMs: 1 };
  const send = () =>
    land({ file, sha256: 'a' })({ begun() {}, sent() {}, waiting() {} }, new AbortController().signal);
  expect((await send()).how).toBe('sent');
  // A turn of the loop, in which a WeakRef that was made does not hold.
  await new Promise((resolve) => setTimeout(resolve, 1));
  collectGarbage();
  expect(seen?.deref()).toBeUndefined();
  expect(await send()).toEqual({
    image: { id: 'img_1', status: 'published', url: 'http://oss/1', error: null },
    how: 'copy',
  });
  await state.close();
});
