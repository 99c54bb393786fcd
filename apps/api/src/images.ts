import { type FaultFacts, StorageFault } from '@pixdock/object-store/types';
import { IMAGE_ID, type ImageRecord } from '@pixdock/shared/contract/image';
import { fromObjectMeta, mainKeys } from '@pixdock/shared/contract/object';
import { PixdockError } from '@pixdock/shared/errors';
import { readStagedBatch } from './batches.js';
import type { ApiDeps } from './deps.js';
import { putBack } from './put-back.js';

type Parts = Pick<ApiDeps, 'records' | 'batches' | 'staging' | 'store' | 'config' | 'readLimits'>;

/**
 * An owner's image: from Redis; from staging while Redis is being restored; after RETENTION from the object itself.
 * @throws PixdockError not_found, also for another owner's; rate_limited
 */
export async function readImage(parts: Parts, id: string, owner: string): Promise<ImageRecord> {
  if (!IMAGE_ID.test(id)) throw new PixdockError('not_found');
  // Another owner's is looked for on to the end, as if it were not there: neither the answer nor its time tells.
  const own = (record: ImageRecord | null) => (record?.owner === owner ? record : null);
  const record = own(await parts.records.get(id));
  if (record !== null) return record;
  using _ = await parts.readLimits.unknownIds.acquire(owner);
  const staged = own(await fromStaging(parts, id));
  if (staged !== null) return staged;
  await parts.readLimits.lookInStorage(owner);
  const stored = own(await fromObject(parts, id));
  if (stored === null) throw new PixdockError('not_found');
  return stored;
}

async function fromStaging(parts: Parts, id: string): Promise<ImageRecord | null> {
  const { staging, records } = parts;
  const entry = await staging.entry(id);
  if (entry === null) return null;
  const { record } = entry;
  if (record.batchId === null) return putBack(records, record);
  // Before its items: without it they would expire by themselves.
  const { firstVersion } = await readStagedBatch(parts, record.batchId, record.owner);
  // One that its batch has not come to yet has no record and does not change.
  if ((await staging.account(id)) === null)
    return {
      ...record,
      version: firstVersion,
      internal: { ...record.internal, keysLost: firstVersion > 1 },
    };
  return putBack(records, record);
}

async function fromObject({ store, config }: Parts, id: string): Promise<ImageRecord | null> {
  const { prefix } = config.store;
  const signal = AbortSignal.timeout(HEAD_TIMEOUT_MS);
  const heads = mainKeys(prefix, id).map((key) => store.head(key, signal).catch(unlessDenied));
  const main = (await Promise.all(heads)).find((object) => object !== null);
  if (main === undefined || main === null) return null;
  return fromObjectMeta(main.metadata, main.lastModified, prefix, (key) => store.publicUrl(key));
}

const HEAD_TIMEOUT_MS = 1500;

function unlessDenied(error: unknown): null {
  if (error instanceof StorageFault && isDenied(error.facts)) return null;
  throw new PixdockError('overloaded', undefined, { cause: error });
}

// Without the right to list, OSS answers 403 for a key that does not exist. A 403 without a request id is a proxy's, and
// one of EC family 0002 is about the signature.
function isDenied({ status, code, requestId, ecCode }: FaultFacts): boolean {
  if (status !== 403 || requestId === null || ecCode?.startsWith('0002-') === true) return false;
  return code === 'AccessDenied' || code === 'HTTP403';
}
