import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Image } from '@pixdock/contract/image';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../testing/run-pixdock.js';
import { openState } from './state.js';
import { createUploader } from './upload-file.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

it('does not keep whole images in memory', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'a.jpg'), 'A');
  let imageRef: WeakRef<Image> | undefined;
  const makeImage = () => {
    return { id: 'img_1', status: 'published', url: 'http://oss/1', error: null } as Image;
  };
  const images = {
    upload: () => Promise.resolve(makeImage()),
    retry: () => Promise.reject(new Error('nothing failed')),
    waitFor: () => {
      const image = makeImage();
      imageRef = new WeakRef(image);
      return Promise.resolve(image);
    },
  };
  const state = await openState(join(folder, 'state'), { forget: false });
  const upload = createUploader({ client: { images }, state, profile: 'default' });
  const file = { path: 'a.jpg', absolute: Buffer.from(join(folder, 'a.jpg')), size: 1, mtimeMs: 1 };
  const send = () =>
    upload({ file, sha256: 'a' })({ started() {}, sent() {}, waiting() {} }, new AbortController().signal);
  expect((await send()).how).toBe('sent');
  // A WeakRef keeps its target alive until the end of the current job.
  await new Promise((resolve) => setTimeout(resolve, 1));
  collectGarbage();
  expect(imageRef?.deref()).toBeUndefined();
  expect(await send()).toEqual({
    image: { id: 'img_1', status: 'published', url: 'http://oss/1', error: null },
    how: 'sent',
  });
  await state.close();
});
