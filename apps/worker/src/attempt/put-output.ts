import type { JobContext, JobResult } from '@pixdock/shared/queue/jobs';
import { faultpoint } from '@pixdock/shared/runtime/faultpoint';
import type { Needs } from '../deps.js';
import { planVariants, publishVariants, type RenderedImage } from '../publish/publish.js';
import { advance } from './advance.js';
import { finishPublished } from './finish.js';
import { type HoldDeps, hold } from './hold.js';
import type { Attempt } from './start-attempt.js';

export type PutOutputDeps = HoldDeps & Needs<'breaker' | 'putBudget', 'metadataKeys'>;

/** Puts the variants if OSS may be called now, and ends the run as published. The keys are in the record before the first put. */
export async function putOutput(
  deps: PutOutputDeps,
  attempt: Attempt,
  { rendered, bodies }: Pick<RenderedImage, 'rendered' | 'bodies'>,
  { signal, freeSlot }: JobContext,
): Promise<JobResult> {
  const { store, breaker, putBudget, config } = deps;
  const bytes = Object.values(rendered.variants).reduce((sum, variant) => sum + variant.bytes, 0);
  using _ = putBudget.acquire(bytes, freeSlot);
  const { id } = attempt.record;
  const planned = planVariants(store, config.store.prefix, id, rendered);
  const keys = Object.values(planned).map(({ key }) => key);
  await advance(attempt, 'uploading', keys);
  faultpoint('run-keys-noted');
  attempt.putBeganAt = performance.now();
  if (!breaker.tryAcquire()) return hold(deps, attempt, breaker.lastFault());
  try {
    await publishVariants(store, attempt, { rendered, bodies, planned }, config.metadataKeys, signal);
  } catch (error) {
    // A deletion, for example, ends the put. A fault of OSS is recorded afterwards.
    breaker.abandon(attempt.putBeganAt);
    throw error;
  }
  breaker.recordSuccess();
  attempt.enter('verifying');
  faultpoint('run-verified');
  const { placeholder, receipt, source } = rendered;
  return finishPublished(deps, attempt, { ...source, variants: planned, placeholder, receipt });
}
