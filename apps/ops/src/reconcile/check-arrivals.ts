import { basename } from 'node:path';
import { arrivals, isIdle, removeArrival } from '@pixdock/shared/state/files/walk';
import type { ReconcileDeps } from './deps.js';

/** Finds abandoned uploads. */
export async function checkArrivals({ staging, report, beforeMs }: ReconcileDeps): Promise<void> {
  const isAbandoned = (folder: string) => isIdle(folder, Date.now() - beforeMs);
  for await (const folder of arrivals(staging.layout))
    if (await isAbandoned(folder))
      await report.found({
        kind: 'abandoned-arrival',
        id: basename(folder),
        fix: async () => (await isAbandoned(folder)) && removeArrival(folder),
      });
}
