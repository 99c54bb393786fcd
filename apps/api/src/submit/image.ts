import { randomBytes } from 'node:crypto';
import { createReadStream, type WriteStream } from 'node:fs';
import { FORMATS } from '@pixdock/contract/media-type';
import { checkProfile, checkSource } from '@pixdock/contract/requirements';
import { isSettled } from '@pixdock/contract/status';
import { BLOCK_BYTES, bytesOnDisk } from '@pixdock/shared/state/files/disk-bytes';
import { openSink } from '@pixdock/shared/state/files/sink';
import type { ImageArrival } from '@pixdock/shared/state/folder-staging/arrival';
import type { Entry } from '@pixdock/shared/state/images/entry';
import type { ImageRecord } from '@pixdock/shared/state/images/image-record';
import { newRecord, unfetched } from '@pixdock/shared/state/images/new-record';
import { runOf } from '@pixdock/shared/state/images/run-of';
import type { TargetImage, UploadEntry } from '@pixdock/shared/state/uploads/upload-entry';
import { checkHeaders } from '../body/check-headers.js';
import { receiveJson } from '../body/json-body.js';
import { type BodyReservation, receiveFile } from '../body/receive.js';
import {
  fingerprintOf,
  type SubmittedDirect,
  type SubmittedSource,
  type SubmittedUrl,
} from '../body/submission.js';
import type { ApiDeps } from '../deps.js';
import type { ApiContext } from '../http/env.js';
import { readImage } from '../read-image.js';
import { discardDirectUpload, findDirectUpload } from '../uploads/direct-upload.js';
import { type IdempotencyUse, keyHashesOf, keyInRequest, keyOfUpload } from './idempotency.js';
import type { NewEntry, Received, SubmissionSteps } from './submit.js';
import { webhookTargetOf } from './webhook-target.js';

/** The folder of an image, and its submission: URL, headers and metadata rarely take more than one block. */
const SUBMISSION_BYTES = 2 * BLOCK_BYTES;

interface ReceivedImage extends Received {
  submission: SubmittedSource;
}
type ImageSteps = SubmissionSteps<ImageRecord, Entry, ImageArrival, ReceivedImage>;

/**
 * An image in the body of a request, or JSON with its URL or direct upload.
 * @throws PixdockError for headers, a query or JSON that are refused
 */
export async function imageInRequest(c: ApiContext, deps: ApiDeps): Promise<ImageSteps> {
  const { config, staging } = deps;
  const { owner, token } = c.get('caller');
  const key = keyInRequest(c, config, newId());
  const maxUploadBytes = Math.min(config.maxUploadBytes, token?.maxBytes ?? config.maxUploadBytes);
  const limits = { ...config, maxUploadBytes, token };
  const head = checkHeaders(c, limits);
  // It is small, and says what there is to do.
  if (head.kind === 'json') return imageInJson(c, deps, key, await receiveJson(c, token));

  const receiveBody = async (stream: WriteStream | null, reservation: BodyReservation | null) =>
    toReceived(await receiveFile(c, head, { stream, reservation }, limits));

  return {
    ...imageSteps(deps, owner, token?.id ?? null),
    key,
    token,
    space: {
      declaredBytes: SUBMISSION_BYTES + bytesOnDisk(Number(c.req.header('Content-Length') ?? maxUploadBytes)),
    },
    findWebhook: (body) =>
      webhookTargetOf(deps, { owner, token }, (body?.submission ?? head).options?.webhookUrl ?? null),
    arrive: (id) => staging.openArrival(id),
    receive: async ({ stream }, reservation) =>
      admitReview(deps, owner, await receiveBody(stream, reservation)),
    check: () => receiveBody(null, null),
  };
}

const newId = () => `img_${randomBytes(16).toString('hex')}`;

/** An image whose bytes a worker brings. */
function imageInJson(
  c: ApiContext,
  deps: ApiDeps,
  key: IdempotencyUse,
  submission: SubmittedUrl | SubmittedDirect,
): ImageSteps {
  const { config, staging } = deps;
  const { owner, token } = c.get('caller');
  const { webhookUrl, profile } = submission.options;
  checkProfile(profile, config.profiles);
  const steps = {
    ...imageSteps(deps, owner, token?.id ?? null),
    // A direct upload took a use of its token when it was created.
    token: null,
    space: { declaredBytes: SUBMISSION_BYTES },
    findWebhook: () => webhookTargetOf(deps, { owner, token }, webhookUrl),
    arrive: async (id: string) => staging.openUnfetchedArrival(id),
    check: async () => toReceived(submission, BLOCK_BYTES),
  };
  if (submission.kind === 'url')
    return { ...steps, key, receive: async () => admitReview(deps, owner, await steps.check()) };

  const { upload } = submission;
  return {
    ...steps,
    // An upload becomes one image. A key of a request has no control characters.
    key: key.keyHashes === null ? { ...key, keyHashes: keyHashesOf(c, config, `\0${upload}`) } : key,
    async receive() {
      const { filename } = await findDirectUpload(c, deps, upload);
      return admitReview(deps, owner, toReceived({ ...submission, filename }, BLOCK_BYTES));
    },
    noteAccepted() {
      steps.noteAccepted();
      void discardDirectUpload(deps, owner, upload);
    },
  };
}

/** An image whose bytes are a complete resumable upload. */
export function imageOfUpload(deps: ApiDeps, upload: UploadEntry, target: TargetImage): ImageSteps {
  const { staging, config } = deps;
  const { owner, uploadToken, webhook, length } = upload;

  async function readUpload(): Promise<ReceivedImage> {
    const sink = openSink({ stream: null }, { maxBytes: length, formats: config.acceptFormats });
    await using body = await staging.uploads.open(upload.id);
    for await (const chunk of createReadStream(body.path)) await sink.write(chunk as Buffer);
    const file = await sink.finish();
    const { options, filename, declaredType } = target;
    checkSource(file, options, config.profiles);
    const submission = { kind: 'bytes' as const, ...file, options, filename, declaredType, warnings: [] };
    return toReceived(submission, BLOCK_BYTES);
  }

  return {
    ...imageSteps(deps, owner, uploadToken),
    key: keyOfUpload(upload),
    // The start of the upload took its use.
    token: null,
    // The bytes are in staging already.
    space: { declaredBytes: SUBMISSION_BYTES },
    findWebhook: async () => webhook,
    arrive: (id) => staging.openUploadedArrival(id, upload.id),
    receive: async () => admitReview(deps, owner, await readUpload()),
    check: readUpload,
  };
}

function toReceived(
  submission: SubmittedSource,
  stagedBytes = BLOCK_BYTES + (submission.kind === 'bytes' ? bytesOnDisk(submission.bytes) : 0),
): ReceivedImage {
  return { submission, fingerprint: fingerprintOf(submission), stagedBytes, warnings: submission.warnings };
}

/** @throws OverLimitError if the image needs a review and the owner has too many held images */
async function admitReview(
  { config, shares }: ApiDeps,
  owner: string,
  image: ReceivedImage,
): Promise<ReceivedImage> {
  const profile = config.profiles.get(image.submission.options.profile);
  if (profile?.review !== undefined) await shares.admitReviewed(owner);
  return image;
}

/** The steps that both kinds of images share. */
function imageSteps(deps: ApiDeps, owner: string, uploadToken: string | null) {
  const { shares, images, queue, events, config } = deps;
  return {
    resource: 'image' as const,
    owner,
    admit: () => shares.admit(owner, 'image'),

    composeEntry({ submission }: ReceivedImage, { id, webhook, idempotency }: NewEntry): Entry {
      const { sha256: expectedSha256, webhookUrl: _, ...options } = submission.options;
      const { metadataIndex } = config;
      const image = { id, owner, uploadToken, webhook, metadataIndex, ...options };
      if (submission.kind !== 'bytes') {
        const [origin, source] =
          submission.kind === 'url'
            ? [submission.origin, unfetched('url', null, submission.origin.url)]
            : [
                { kind: 'direct' as const, upload: submission.upload },
                unfetched('upload', submission.filename),
              ];
        const record = newRecord({ ...image, source, declaredType: null, expectedSha256 });
        return { record, origin, idempotency };
      }
      const { filename, bytes, sha256, declaredType, format } = submission;
      const { mediaType } = FORMATS[format];
      const source = { kind: 'upload' as const, url: null, filename, bytes, sha256, mediaType };
      const record = newRecord({ ...image, source, declaredType, expectedSha256: null });
      return { record, origin: null, idempotency };
    },

    stateOf: ({ record }: Entry) => record,
    create: ({ record }: Entry) => images.create(record),
    async forget({ record: { id, createdAt } }: Entry): Promise<void> {
      const found = await images.inRedis(id);
      if (found?.createdAt === createdAt) await images.forget(found);
    },
    isSettled,
    enqueue: (record: ImageRecord) => queue.enqueue(runOf(record)),
    async resume(record: ImageRecord): Promise<void> {
      await images.create(record);
      await queue.enqueue(runOf(record));
    },
    noteAccepted: () => events.imageAccepted(),

    read: (id: string) => readImage(deps, id, owner, uploadToken === null ? null : { id: uploadToken }),
  };
}
