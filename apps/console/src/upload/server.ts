import { type Image, Pixdock } from '@pixdock/client';
import { language } from '../state/preferences.js';
import { apiKey, baseUrl, currentClient } from '../state/session.js';
import type { UploadServer } from './queue.js';
import { send } from './send.js';
import type { Upload } from './upload.js';

/** The server of this page, as the queue needs it. */
export const pageServer: UploadServer = {
  async findKnown(upload, signal) {
    const sha256 = await digestOf(upload);
    if (sha256 === null) return null;
    const found = await impatientClient().images.lookup([sha256], { signal });
    return found.find(({ profile }) => profile === upload.profile) ?? null;
  },

  async send(upload, onProgress, signal) {
    const { file, name, profile, idempotencyKey } = upload;
    const form = new FormData();
    form.set('profile', profile);
    if (name.includes('/')) form.set('externalId', name);
    const sha256 = await digestOf(upload);
    if (sha256 !== null) form.set('sha256', sha256);
    form.set('file', file, file.name);
    return send<Image>({
      url: 'v1/images',
      headers: {
        Authorization: `Bearer ${apiKey.value ?? ''}`,
        'Accept-Language': language.value,
        'Idempotency-Key': `"${idempotencyKey}"`,
      },
      body: form,
      // The form has some hundred bytes more than the file.
      onProgress: (sentBytes) => onProgress(Math.min(sentBytes, file.size)),
      signal,
    });
  },

  retry: (image) => currentClient().images.retry(image.id),
};

/** The queue repeats requests itself, and shows that it does. */
const impatientClient = () =>
  new Pixdock({ baseUrl: baseUrl(), apiKey: apiKey.value ?? '', language: language.value, retries: 0 });

const digests = new WeakMap<Upload, string>();

/** The hex SHA-256 of a file; null where the browser computes none (a page without https). */
async function digestOf(upload: Upload): Promise<string | null> {
  const known = digests.get(upload);
  if (known !== undefined) return known;
  if (crypto.subtle === undefined) return null;
  const digest = await crypto.subtle.digest('SHA-256', await upload.file.arrayBuffer());
  const hex = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  digests.set(upload, hex);
  return hex;
}
