import { randomUUID } from 'node:crypto';
import type { JobContext, JobHandlers, JobPayload, JobResult } from '@pixdock/shared/queue/jobs';
import { faultpoint } from '@pixdock/shared/runtime/faultpoint';
import { begin } from '@pixdock/shared/state/records/transitions';
import { restoreIfBehind } from '@pixdock/shared/state/restore';
import { isSuspect, type Quarantine } from '../admission/quarantine.js';
import { type AttemptInHand, heldFor, holdMs, MAX_DEATHS, takeInHand } from '../attempt/attempt.js';
import { afterFailure } from '../attempt/handle-error.js';
import { type Output, outputFolder, render, renderedBefore } from '../attempt/render.js';
import type { WorkerDeps } from '../deps.js';
import { planVariants, publishVariants } from '../publish/publish.js';
import { settleIfFinal } from '../publish/settle.js';

const DONE: JobResult = { outcome: 'done' };

/** One attempt at one run of an image: inspect and render, publish, tell. */
export function processImage(deps: WorkerDeps, quarantine: Quarantine): JobHandlers['process-image'] {
  const { records, staging, engine, store, gate, room, config } = deps;

  return async (payload, context) => {
    const before = await records.get(payload.imageId);
    const leave = await quarantine.enter(before !== null && isSuspect(before));
    try {
      return await attemptRun(payload, context);
    } finally {
      leave();
    }
  };

  async function attemptRun(
    { imageId, run }: JobPayload<'process-image'>,
    context: JobContext,
  ): Promise<JobResult> {
    const before = await records.get(imageId);
    const profile = before === null ? undefined : config.profiles.get(before.profile);
    const ready = profile === undefined ? null : await renderedBefore(staging, imageId, profile);
    const waits = ready === null ? !(await mayRender(before?.owner ?? '')) : gate.isClosed();
    // One that is not held yet begins to be, so that its time runs.
    const isHeld = before !== null && before.internal.heldSince !== null;
    if (waits && isHeld && heldFor(before) < config.storageGiveUpMs)
      return { outcome: 'again', afterMs: holdMs(heldFor(before)) };

    const needsSource = ready === null && !waits;
    const hasSource = !needsSource || (before !== null && (await staging.isSourceWhole(before)));
    if (before !== null && !hasSource && (await restoreIfBehind(deps, before))) return DONE;

    const at = { run, holder: randomUUID() };
    const begun = await records.move(imageId, (record) =>
      begin(record, at, ready === null ? 'validating' : 'uploading'),
    );
    if (begun.outcome === 'missing') return DONE;
    if (begun.outcome === 'refused') return settleIfFinal(deps, begun.record);
    const attempt = takeInHand(deps, begun.record, at);
    try {
      if (attempt.record.internal.deaths >= MAX_DEATHS) return await attempt.fail('processing_crashed');
      faultpoint('run-begun', attempt.record.externalId);
      if (profile === undefined) return await attempt.fail('unknown_profile');
      let output = ready;
      if (output === null) {
        if (waits) return await attempt.hold(gate.trouble());
        if (!hasSource) return await lost(attempt);
        const normalizing = () => void attempt.advance('normalizing').catch(() => {});
        const { signal } = context;
        const folder = at.holder;
        const result = await render(engine, staging, attempt.record, profile, folder, normalizing, signal);
        if (result.outcome === 'refused') return await attempt.fail(result.code, result.detail);
        output = { folder, rendered: result.rendered };
        faultpoint('run-rendered');
      }
      return await upload(attempt, output, context.signal);
    } catch (error) {
      return afterFailure(deps, attempt, error, context);
    }
  }

  /** While OSS takes nothing what is rendered stays, and needs room. Somebody has to try OSS, though. */
  async function mayRender(owner: string): Promise<boolean> {
    if (gate.trouble() === undefined) return true;
    const taken = await room.take(owner, config.maxUploadBytes);
    // As if it came at once: the next count tells how much it is.
    taken?.(config.maxUploadBytes);
    return taken !== null || gate.isNeglected();
  }

  /** What was fetched can be fetched again. */
  async function lost(attempt: AttemptInHand): Promise<JobResult> {
    const isFetched = (await staging.origin(attempt.record)) !== null;
    return isFetched ? attempt.refetch() : attempt.fail('source_lost');
  }

  async function upload(attempt: AttemptInHand, output: Output, signal: AbortSignal): Promise<JobResult> {
    const { id } = attempt.record;
    const { rendered } = output;
    const variants = planVariants(store, config.store.prefix, id, rendered);
    const keys = Object.values(variants).map(({ key }) => key);
    await attempt.advance('uploading', keys);
    faultpoint('run-keys-noted');
    if (!gate.admits()) return attempt.hold(gate.trouble());
    const folder = outputFolder(staging, id, output);
    const stillHeld = () => attempt.isHeld();
    await publishVariants(store, attempt.record, rendered, variants, folder, stillHeld, signal);
    gate.passed();
    await attempt.advance('verifying');
    faultpoint('run-verified');
    const { placeholder, receipt, source } = rendered;
    return attempt.publish({ ...source, variants, placeholder, receipt });
  }
}
