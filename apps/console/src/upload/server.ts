import { type Image, Pixdock } from '@pixdock/client';
import { language } from '../state/preferences.js';
import { apiKey, baseUrl, currentClient, may } from '../state/session.js';
import type { UploadServer } from './queue.js';
import { canResume, removeUpload, sendResumable } from './send-resumable.js';
import type { Upload } from './upload.js';

/** The server of this page, as the queue needs it. */
export const pageServer: UploadServer = {
  async findKnown(upload, signal) {
    const sha256 = may('read') ? await digestOf(upload) : null;
    if (sha256 === null) return null;
    const found = await impatientClient().images.lookup([sha256], { signal });
    return found.find(({ profile }) => profile === upload.profile) ?? null;
  },

  async send(upload, onProgress, signal) {
    const options = await optionsOf(upload);
    // Only a key that may read finds the image of a resumable upload.
    const isLarge = upload.file.size >= RESUMABLE_BYTES && may('read');
    return isLarge && (await canResume())
      ? sendInParts(upload, options, onProgress, signal)
      : sendAtOnce(upload, options, onProgress, signal);
  },

  discard({ resume }) {
    if (resume !== null) removeUpload(resume);
  },

  retry: (image) => currentClient().images.retry(image.id),
};

/** From this size on, sending a file again after a pause costs more than the two requests more of a resumable upload. */
const RESUMABLE_BYTES = 1024 * 1024;

type OnProgress = (sentBytes: number) => void;

async function optionsOf(upload: Upload): Promise<Record<string, string>> {
  const { name, profile } = upload;
  const sha256 = await digestOf(upload);
  return {
    profile,
    ...(name.includes('/') ? { externalId: name } : {}),
    ...(sha256 === null ? {} : { sha256 }),
  };
}

function sendAtOnce(
  upload: Upload,
  options: Record<string, string>,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<Image> {
  const { file, idempotencyKey } = upload;
  return impatientClient().images.upload(file, {
    ...options,
    filename: file.name,
    idempotencyKey,
    // The form has some hundred bytes more than the file.
    onProgress: ({ sentBytes }) => onProgress(Math.min(sentBytes, file.size)),
    signal,
  });
}

async function sendInParts(
  upload: Upload,
  options: Record<string, string>,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<Image> {
  const { file, idempotencyKey, resume } = upload;
  const keep = (url: string) => {
    upload.resume = { url, apiKey: apiKey.value ?? '' };
  };
  const id = await sendResumable(file, {
    metadata: { ...options, ...(file.type === '' ? {} : { filetype: file.type }) },
    idempotencyKey,
    resume: { url: resume?.url ?? null, keep },
    onProgress,
    signal,
  });
  return impatientClient().images.get(id, { signal });
}

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
