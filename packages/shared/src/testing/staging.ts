import type { Logger } from '../runtime/log.js';
import { stagingLayout } from '../state/folder-staging/layout.js';
import { openStaging } from '../state/folder-staging/open-staging.js';

/** A staging with the paths of its files, for tests that look at them or damage them. */
export async function openTestStaging(dataDir: string, log?: Logger) {
  return { ...(await openStaging(dataDir, log)), layout: stagingLayout(dataDir) };
}

export type TestStaging = Awaited<ReturnType<typeof openTestStaging>>;
