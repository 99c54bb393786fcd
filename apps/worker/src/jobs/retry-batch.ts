import type { JobHandlers } from '@pixdock/shared/jobs';
import { retry } from '@pixdock/shared/records/transitions';
import type { WorkerDeps } from '../deps.js';

const AT_ONCE = 256;

/** Gives every failed item of a batch that can be tried again its next run; the batch then takes them up in turn. */
export function retryBatch({ batches, records, staging, queue }: WorkerDeps): JobHandlers['retry-batch'] {
  return async ({ batchId, code, before }, { signal }) => {
    const manifest = await staging.batches.open(batchId);
    if (manifest === null) return { outcome: 'done' };
    const filter = code === undefined ? ({ status: 'failed' } as const) : { code };
    let from = 0;
    for (;;) {
      const places = await batches.places(batchId, filter, from, AT_ONCE);
      for (const place of places) {
        if (signal.aborted) return { outcome: 'again', afterMs: 0 };
        await retryOne(manifest.id(place));
        from = place + 1;
      }
      await queue.expand(batchId);
      if (places.length < AT_ONCE) return { outcome: 'done' };
    }

    async function retryOne(imageId: string): Promise<void> {
      const record = await records.get(imageId);
      const next = record === null ? null : retry(record);
      if (record === null || next === null) return;
      if (Date.parse(record.finishedAt ?? '') > before || !(await staging.hasSource(record))) return;
      await staging.resubmit(next);
      await records.move(imageId, retry, record);
    }
  };
}
