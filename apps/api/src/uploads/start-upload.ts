import { randomBytes } from 'node:crypto';
import { PixdockError } from '@pixdock/contract/error';
import { isoTime, nowMs } from '@pixdock/shared/runtime/clock';
import { tooLarge } from '@pixdock/shared/state/files/sink';
import type { StagedUpload } from '@pixdock/shared/state/folder-staging/staged-uploads';
import {
  bytesOfUpload,
  type UploadEntry,
  type UploadTarget,
} from '@pixdock/shared/state/uploads/upload-entry';
import { bodyTooLarge } from '../batch-formats/counted-body.js';
import type { ApiConfig } from '../config.js';
import type { ApiDeps } from '../deps.js';
import type { ApiContext } from '../http/env.js';
import { hasBody } from '../http/has-body.js';
import { parseIdempotencyKey } from '../http/idempotency-key.js';
import type { Caller } from '../keys/keyring.js';
import { keyHashesOf } from '../submit/idempotency.js';
import { webhookTargetOf } from '../submit/webhook-target.js';
import { appendBody } from './append.js';
import { discardUpload } from './discard-upload.js';
import { finishUpload } from './finish.js';
import { checkBytesType, uploadLength } from './upload-headers.js';
import { parseUploadMetadata, uploadTarget } from './upload-target.js';

/** tus clients resume after hours offline. An abandoned upload occupies staging for this time. */
const LIFETIME_MS = 24 * 3600_000;

/**
 * Creates a resumable upload and adds the body of the request, if it has one. The checks are those of a request with the whole
 * file.
 * @throws PixdockError as POST /v1/images and POST /v1/batches
 */
export async function startUpload(c: ApiContext, deps: ApiDeps): Promise<StagedUpload> {
  const { staging, writeLimits, diskQuota, shares, tokenUses } = deps;
  const { owner, token } = c.get('caller');
  const hasBytes = hasBody(c.req.header('Content-Length'), c.req.header('Transfer-Encoding'));
  if (hasBytes) checkBytesType(c);
  const made = entryOf(c, deps.config);
  const { target } = made;
  const { webhookUrl } = target.resource === 'image' ? target.options : target;
  const entry = { ...made, webhook: await webhookTargetOf(deps, { owner, token }, webhookUrl) };
  const { id } = entry;
  await admit(deps, entry);
  await shares.admitResumable(owner, id, entry.expiresAt);
  try {
    // The bytes reserve their space as they arrive.
    const firstBytes = bytesOfUpload(entry, 0);
    const declaredBytes = firstBytes + entry.length;
    using reservation = await diskQuota.reserve({ id, owner, declaredBytes, firstBytes });
    await using use = await tokenUses.take(token);
    using _ = await writeLimits.acquire(owner);
    await staging.uploads.create(entry);
    use.keep();
    reservation.commit(firstBytes);
  } catch (error) {
    await shares.releaseResumable(owner, id);
    throw error;
  }
  const upload = { isFinished: false, entry, offset: 0 } as const;
  if (!hasBytes) return upload;
  try {
    return await addBytes(c, deps, upload);
  } catch (error) {
    // No response has named the upload, so no client can resume it.
    await discardUpload(deps, entry);
    throw error;
  }
}

async function addBytes(
  c: ApiContext,
  deps: ApiDeps,
  upload: StagedUpload & { isFinished: false },
): Promise<StagedUpload> {
  await using lock = await deps.uploadLocks.acquire(upload.entry.id);
  if (lock === null) throw new PixdockError('upload_in_use');
  const offset = await appendBody(c, deps, upload, lock);
  const grown = { ...upload, offset };
  return offset === upload.entry.length ? await finishUpload(c, deps, grown) : grown;
}

function entryOf(c: ApiContext, config: ApiConfig): Omit<UploadEntry, 'webhook'> {
  const { owner, token } = c.get('caller');
  const length = uploadLength(c);
  const metadata = c.req.header('Upload-Metadata') ?? null;
  const target = uploadTarget(parseUploadMetadata(metadata ?? undefined), token, config);
  checkLength(length, target, token, config);
  const random = randomBytes(16).toString('hex');
  const id = `upl_${random}`;
  const key = parseIdempotencyKey(c.req.header('Idempotency-Key'));
  return {
    id,
    owner,
    uploadToken: token?.id ?? null,
    length,
    metadata,
    target,
    // A deletion of the image or batch finds the upload by it.
    resourceId: `${target.resource === 'image' ? 'img' : 'bat'}_${random}`,
    // A key of a request has no control characters.
    keyHashes: [...keyHashesOf(c, config, key ?? `\0${id}`)],
    createdAt: isoTime(),
    expiresAt: isoTime(nowMs() + LIFETIME_MS),
  };
}

/** @throws PixdockError empty_file, payload_too_large */
function checkLength(length: number, target: UploadTarget, token: Caller['token'], config: ApiConfig): void {
  if (length === 0) throw new PixdockError('empty_file');
  if (target.resource === 'batch') {
    if (length > config.maxBatchBytes) throw bodyTooLarge(config.maxBatchBytes);
    return;
  }
  const maxBytes = Math.min(config.maxUploadBytes, token?.maxBytes ?? config.maxUploadBytes);
  if (length > maxBytes) throw tooLarge(maxBytes, length);
}

/** Checks the owner's limits before the bytes come; the finished upload is checked again. */
async function admit({ shares, backlog }: ApiDeps, { owner, target }: UploadEntry): Promise<void> {
  await backlog.expectRedis();
  await using _ = await shares.admit(owner, target.resource);
}
