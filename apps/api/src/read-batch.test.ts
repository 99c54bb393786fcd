import { newBatchState } from '@pixdock/shared/state/batches/batch-fields';
import { testBatch } from '@pixdock/shared/testing/batch';
import { stub } from '@pixdock/shared/testing/stub';
import { expect, test } from 'vitest';
import type { ApiDeps } from './deps.js';
import { openReadLimits } from './limits/read-limits.js';
import type { SharedCounts } from './limits/shared-counts.js';
import { readBatch } from './read-batch.js';

test('does not find a batch that is being forgotten, although it is still in staging', async () => {
  const entry = testBatch();
  const state = { ...newBatchState(entry, 1), queued: 0, failed: entry.total, forgottenAt: Date.now() };
  const parts = stub<ApiDeps>({
    readLimits: openReadLimits(() => false, stub<SharedCounts>({})),
    batches: { inRedis: async () => state, get: async () => state },
  });
  await expect(readBatch(parts, entry.id, entry.owner)).rejects.toMatchObject({ code: 'not_found' });
});
