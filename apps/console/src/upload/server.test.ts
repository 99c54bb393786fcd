import { expect, test, vi } from 'vitest';
import { profiles } from '../state/profiles.js';
import { testImage } from '../testing/image.js';
import { send } from './send.js';
import { pageServer } from './server.js';
import { newUpload } from './upload.js';

vi.mock('tus-js-client', () => {
  throw new Error('the server has a newer console');
});
vi.mock(import('./send.js'));

test('sends a large file at once if the library for resumable uploads cannot be loaded', async () => {
  profiles.value = [{ name: 'default', version: '1', variants: {} }];
  const image = testImage();
  vi.mocked(send).mockResolvedValue(image);
  const file = new File([new Uint8Array(1024 * 1024)], 'a.jpg');
  const upload = newUpload({ file, name: file.name }, 'default');
  expect(await pageServer.send(upload, () => {}, new AbortController().signal)).toBe(image);
});
