import { randomUUID } from 'node:crypto';
import { StorageFault } from '@pixdock/object-store/types';
import type { ImageRecord } from '@pixdock/shared/contract/image';
import { isSettled } from '@pixdock/shared/contract/view';
import { asError, PixdockError } from '@pixdock/shared/errors';
import type { JobContext, JobHandlers, JobResult } from '@pixdock/shared/jobs';
import { begin } from '@pixdock/shared/records/transitions';
import type { WorkerDeps } from '../deps.js';
import { planVariants, publishVariants } from '../publish/publish.js';
import { LostImage } from '../publish/put.js';
import { type AttemptInHand, heldFor, holdMs, takeInHand } from './attempt.js';
import { isServiceFault } from './faults.js';
import { type Output, outputFolder, render, renderedBefore } from './render-once.js';

// Deploys and OOM kills take a worker down now and then; an image that is there each time is the cause.
const MAX_DEATHS = 5;
const DONE: JobResult = { outcome: 'done' };

/** One attempt at one run of an image: inspect and render, publish, tell. */
export function processImage(deps: WorkerDeps): JobHandlers['process-image'] {
  const { records, staging, engine, store, gate, config, log } = deps;

  return async ({ imageId, run }, context) => {
    const before = await records.get(imageId);
    const profile = before === null ? undefined : config.profiles.get(before.profile);
    const ready = profile === undefined ? null : await renderedBefore(staging, imageId, profile);
    if (before !== null && ready !== null && gate.isClosed() && heldFor(before) < config.storageGiveUpMs)
      return { outcome: 'again', afterMs: holdMs(heldFor(before)) };

    const at = { run, holder: randomUUID() };
    const begun = await records.move(imageId, (record) =>
      begin(record, at, ready === null ? 'validating' : 'uploading'),
    );
    if (begun.outcome === 'missing') return DONE;
    if (begun.outcome === 'refused') return settleIfFinal(begun.record);
    const attempt = takeInHand(deps, begun.record, at);
    try {
      if (attempt.record.internal.deaths >= MAX_DEATHS) return await attempt.fail('processing_crashed');
      if (profile === undefined) return await attempt.fail('unknown_profile');
      let output = ready;
      if (output === null) {
        if ((await staging.sourceBytes(imageId)) !== attempt.record.source.bytes)
          return await attempt.fail('source_lost');
        const normalizing = () => void attempt.advance('normalizing').catch(() => {});
        const { signal } = context;
        const folder = at.holder;
        const result = await render(engine, staging, attempt.record, profile, folder, normalizing, signal);
        if (result.outcome === 'refused') return await attempt.fail(result.code, result.detail);
        output = { folder, rendered: result.rendered };
      }
      return await upload(attempt, output, context.signal);
    } catch (error) {
      return handle(attempt, error, context).catch((late) => {
        // Lost between its failure and saying so.
        if (late instanceof LostImage) return attempt.letGo();
        throw late;
      });
    }
  };

  async function upload(attempt: AttemptInHand, output: Output, signal: AbortSignal): Promise<JobResult> {
    const { id } = attempt.record;
    const { rendered } = output;
    const variants = planVariants(store, config.store.prefix, id, rendered);
    const keys = Object.values(variants).map(({ key }) => key);
    await attempt.advance('uploading', keys);
    if (!gate.admits()) return attempt.hold(gate.trouble());
    const folder = outputFolder(staging, id, output);
    const stillHeld = () => attempt.isHeld();
    await publishVariants(store, attempt.record, rendered, variants, folder, stillHeld, signal);
    gate.passed();
    await attempt.advance('verifying');
    const { placeholder, receipt, source } = rendered;
    return attempt.publish({ ...source, variants, placeholder, receipt });
  }

  async function settleIfFinal(record: ImageRecord): Promise<JobResult> {
    if (isSettled(record)) await staging.settle(record);
    return DONE;
  }

  async function handle(
    attempt: AttemptInHand,
    error: unknown,
    { signal, lastTry }: JobContext,
  ): Promise<JobResult> {
    const { id } = attempt.record;
    // Whatever went wrong for an attempt that lost its image is no longer its business.
    if (error instanceof LostImage || !(await attempt.isHeld())) return attempt.letGo();
    if (signal.aborted) return attempt.handBack();
    if (error instanceof PixdockError) return attempt.fail(error.code, error.detail);
    if (error instanceof StorageFault && error.facts.kind === 'rejected') {
      log.error({ id, ...error.facts }, 'OSS refuses this object');
      return attempt.fail('storage_denied');
    }
    if (isServiceFault(error)) {
      if (error instanceof StorageFault) gate.failed(error);
      else log.warn({ err: error, id }, 'held back by a fault of this machine');
      return attempt.hold(error);
    }
    log.error({ err: asError(error), id, lastTry }, 'unexpected failure');
    if (lastTry) return attempt.fail('processing_crashed');
    await attempt.handBack();
    throw error;
  }
}
