import { fresh } from '@pixdock/shared/runtime/fresh';
import type { ServiceState } from '@pixdock/shared/state/service-state';
import type { Observed } from './metrics.js';
import { checkReadiness, type ReadinessDeps } from './readiness.js';

/** Opens a reader of the state that the metrics show. It reads Redis at most once a second, and no files. */
export function openObserver(
  deps: ReadinessDeps,
  readService: () => Promise<ServiceState>,
): () => Promise<Observed> {
  return fresh(async () => {
    const [isReady, service] = await Promise.all([
      checkReadiness(deps).then(
        () => true,
        () => false,
      ),
      readService().catch(() => null),
    ]);
    return { isReady, service, staging: deps.diskQuota.usage() };
  });
}
