import type { VariantResult } from '@pixdock/contract/image';
import { FORMATS } from '@pixdock/contract/media-type';
import { isPrivateKey } from '@pixdock/contract/visibility';
import { type NewObject, type ObjectStore, StorageFault } from '@pixdock/object-store/types';
import type { JobContext, JobResult } from '@pixdock/shared/queue/jobs';
import { sleep } from '@pixdock/shared/runtime/clock';
import { faultpoint } from '@pixdock/shared/runtime/faultpoint';
import type { MetadataKeys } from '@pixdock/shared/runtime/metadata-keys';
import { inSpan } from '@pixdock/shared/runtime/trace';
import * as attempts from '@pixdock/shared/state/images/attempt-transitions';
import { OBJECT_CACHE_CONTROL, objectKey, prefixOf } from '@pixdock/shared/state/object-key';
import { toObjectMeta } from '@pixdock/shared/state/object-meta';
import { breakerOf } from '../admission/circuit-breaker.js';
import { mustWait } from '../admission/permit.js';
import type { AttemptDeps, Needs } from '../deps.js';
import type { Rendered, RenderedImage, RenderedVariant } from '../image/types.js';
import { delay } from './delay.js';
import { finishPublished } from './finish.js';
import { type AttemptOutput, saveOutput } from './output.js';
import { putVerified } from './put-object.js';
import { removeObjects } from './remove-objects.js';
import { type Attempt, LostImage } from './start-attempt.js';

type Variants = Record<string, VariantResult>;

/**
 * How long a put may continue after its attempt has lost the image. OSS stores an object once it has all bytes, even if the put
 * is aborted, and may take seconds. Once it has responded, the removal comes after the put.
 */
const LOST_PUT_MS = 5000;
/** How long to wait after an aborted put, whose last bytes may still be on their way. */
const ABORTED_PUT_MS = 1000;

/** Puts the variants, and ends the run as published. The keys are in the record before the first put. If OSS fails, the output is saved. */
export async function publish(
  deps: AttemptDeps & Needs<'breaker' | 'privateBreaker' | 'putBudget', 'metadataKeys'>,
  attempt: Attempt,
  image: AttemptOutput,
  { signal, freeSlot }: JobContext,
): Promise<JobResult> {
  const { images, store, putBudget, config } = deps;
  const { rendered } = image;
  const breaker = breakerOf(deps, attempt.record);
  const bytes = Object.values(rendered.variants).reduce((sum, variant) => sum + variant.bytes, 0);
  using _ = putBudget.acquire(bytes, freeSlot);
  const prefix = prefixOf(config.store.prefix, config.profiles.get(attempt.record.profile) ?? {});
  const planned = planVariants(store, prefix, attempt.record.id, rendered);
  const keys = Object.values(planned).map(({ key }) => key);
  const others = attempt.record.internal.keys.filter((key) => !keys.includes(key));
  await attempt.change((record, attemptId) => attempts.advance(record, attemptId, 'uploading', keys));
  faultpoint('run-keys-noted');
  using permit = breaker.acquire('put');
  if (mustWait(permit)) {
    if (!image.isSaved) await saveOutput(deps.staging, attempt, image);
    return await delay(deps, attempt, breaker.lastFault());
  }
  let isUnanswered = false;
  const onUnanswered = () => {
    isUnanswered = true;
  };
  try {
    // An earlier attempt may have stored them with another version of the profile, even in the other bucket.
    if (others.length > 0) await removeObjects(store, others);
    await putVariants(store, attempt, { ...image, planned }, config.metadataKeys, signal, onUnanswered);
  } catch (error) {
    if (error instanceof StorageFault && error.facts.kind !== 'rejected') {
      permit.recordFailure(error);
      // The image of another attempt may be deleted or published by now, and its files removed.
      if (!image.isSaved && (await attempt.isCurrent())) await saveOutput(deps.staging, attempt, image);
    }
    throw error;
  } finally {
    // A deletion may have the image already. It waits for this attempt to end, and then reads this.
    if (isUnanswered) await images.change(attempt.record.id, attempts.noteLatePut);
  }
  permit.recordSuccess();
  attempt.enter('verifying');
  faultpoint('run-verified');
  const { placeholder, receipt, source } = rendered;
  return await finishPublished(deps, attempt, { ...source, variants: planned, placeholder, receipt });
}

/** The objects that the variants become; known before any of them is stored. */
export function planVariants(
  store: ObjectStore,
  prefix: string,
  imageId: string,
  rendered: Rendered,
): Variants {
  const plan = ([name, variant]: [string, RenderedVariant]): [string, VariantResult] => {
    const { width, height, bytes, md5, format } = variant;
    const key = objectKey(prefix, imageId, name, format);
    const { mediaType } = FORMATS[format];
    return [name, { url: store.publicUrl(key), key, width, height, bytes, mediaType, etag: md5 }];
  };
  return Object.fromEntries(Object.entries(rendered.variants).map(plan));
}

/** Stores all variants, `main` last: without `main`, the image does not count as published. */
export async function putVariants(
  store: ObjectStore,
  attempt: Pick<Attempt, 'record' | 'isCurrent'>,
  { rendered, bodies, planned }: RenderedImage & { planned: Variants },
  metadataKeys: MetadataKeys,
  signal: AbortSignal,
  onUnanswered?: () => void,
): Promise<void> {
  using puts = openPutSignal(signal);
  const put = async (name: string, metadata: NewObject['metadata']) => {
    signal.throwIfAborted();
    const variant = rendered.variants[name];
    const target = planned[name];
    const body = bodies.get(name);
    if (variant === undefined || target === undefined || body === undefined)
      throw new TypeError(`no variant ${name}`);
    const object: NewObject = {
      key: target.key,
      body,
      contentType: target.mediaType,
      md5: variant.md5,
      cacheControl: OBJECT_CACHE_CONTROL[isPrivateKey(target.key) ? 'private' : 'public'],
      metadata,
    };
    await inSpan('put', { 'pixdock.variant': name }, () =>
      putVerified(store, object, attempt, puts.signal, onUnanswered),
    );
    faultpoint(name === 'main' ? 'main-stored' : 'variant-stored');
  };
  try {
    await putAll();
  } catch (error) {
    // The attempt then removes its objects.
    if (puts.signal.reason instanceof LostImage) await sleep(ABORTED_PUT_MS);
    throw error;
  }

  async function putAll(): Promise<void> {
    const others = Object.keys(planned).filter((name) => name !== 'main');
    const settled = await Promise.allSettled(others.map((name) => put(name, {})));
    for (const result of settled) if (result.status === 'rejected') throw result.reason;
    const { source, receipt } = rendered;
    await put('main', toObjectMeta(metadataKeys, attempt.record, source, planned, receipt.profileVersion));
  }
}

/** Aborts with `signal`, but only some time after the loss of the image. */
function openPutSignal(signal: AbortSignal): Disposable & { signal: AbortSignal } {
  const ending = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const end = () => ending.abort(signal.reason);
  const onAbort = () => {
    if (signal.reason instanceof LostImage) timer = setTimeout(end, LOST_PUT_MS);
    else end();
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  return {
    signal: ending.signal,
    [Symbol.dispose]() {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    },
  };
}
