import { basename } from 'node:path';
import { abandonedArrivals, removeArrival } from '@pixdock/shared/staging/walk';
import type { ReconcileDeps } from './deps.js';

/** No upload lies half-done for long. */
export async function checkArrivals({ staging, report, beforeMs }: ReconcileDeps): Promise<void> {
  const idle = () => abandonedArrivals(staging.layout, Date.now() - beforeMs);
  for (const folder of await idle())
    await report.found({
      kind: 'abandoned-arrival',
      id: basename(folder),
      mend: async () => (await idle()).includes(folder) && removeArrival(folder),
    });
}
