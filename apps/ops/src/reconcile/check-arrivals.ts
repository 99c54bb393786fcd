import { rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { abandonedArrivals } from '@pixdock/shared/staging/walk';
import type { ReconcileDeps } from './deps.js';

/** No upload lies half-done for long. */
export async function checkArrivals({ staging, report, beforeMs }: ReconcileDeps): Promise<void> {
  const idle = () => abandonedArrivals(staging.layout, Date.now() - beforeMs);
  for (const folder of await idle())
    await report.found({
      kind: 'abandoned-arrival',
      id: basename(folder),
      async mend() {
        if (!(await idle()).includes(folder)) return false;
        await rm(folder, { recursive: true, force: true });
        return true;
      },
    });
}
