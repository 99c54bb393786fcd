import { expect, onTestFinished, test, vi } from 'vitest';
import { profiles } from '../state/profiles.js';
import { apiKey } from '../state/session.js';
import { testImage } from '../testing/image.js';
import { pageServer } from './server.js';
import { newUpload } from './upload.js';

vi.mock('tus-js-client', () => {
  throw new Error('the server has a newer console');
});

test('removes an upload after a sign-out, with the key that created it', () => {
  const fetched = vi.spyOn(globalThis, 'fetch').mockResolvedValue(new Response());
  onTestFinished(() => fetched.mockRestore());
  const upload = newUpload({ file: new File(['a'], 'a.jpg'), name: 'a.jpg' }, 'default');
  pageServer.discard(upload);
  expect(fetched).not.toHaveBeenCalled();
  pageServer.discard({ ...upload, resume: { url: 'http://h/v1/uploads/upl_1', apiKey: 'key-of-acme' } });
  const headers = { Authorization: 'Bearer key-of-acme', 'Tus-Resumable': '1.0.0' };
  expect(fetched.mock.calls).toEqual([
    ['http://h/v1/uploads/upl_1', { method: 'DELETE', headers, keepalive: true }],
  ]);
});

test('sends a large file at once if the library for resumable uploads cannot be loaded', async () => {
  profiles.value = [{ name: 'default', version: '1', variants: {} }];
  apiKey.value = 'key-of-acme';
  vi.stubGlobal('location', new URL('http://h/pixdock/#/upload'));
  const image = testImage();
  const fetched = vi.spyOn(globalThis, 'fetch').mockResolvedValue(Response.json(image));
  onTestFinished(() => {
    apiKey.value = null;
    vi.unstubAllGlobals();
    fetched.mockRestore();
  });
  const file = new File([new Uint8Array(1024 * 1024)], 'a.jpg');
  const upload = newUpload({ file, name: file.name }, 'default');
  expect(await pageServer.send(upload, () => {}, new AbortController().signal)).toEqual(image);
  expect(fetched.mock.calls[0]?.[0]).toMatchObject({ origin: 'http://h', pathname: '/pixdock/v1/images' });
});
