import { expect, test } from 'vitest';
import { send, signed, xmlText } from './testing/http.js';
import { startTestOss } from './testing/test-oss.js';

test('deletes a bucket only when it is empty', async () => {
  const oss = await startTestOss();
  const on = (method: string, key?: string) =>
    send(oss, signed(oss, { method, ...(key && { key, body: 'x' }) }));
  await on('PUT', 'a');
  const full = await on('DELETE');
  expect([full.status, xmlText(full.text, 'Code')]).toEqual([409, 'BucketNotEmpty']);
  await on('DELETE', 'a');
  expect((await on('DELETE')).status).toBe(204);
  expect(xmlText((await on('DELETE')).text, 'Code')).toBe('NoSuchBucket');
  await on('PUT');
  expect((await send(oss, { path: '/lab-bucket/a' })).status).toBe(404);
});
