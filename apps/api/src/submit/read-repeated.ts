import type { ImageRecord } from '@pixdock/shared/state/records/image-record';
import { runOf } from '@pixdock/shared/state/records/run-of';
import type { DoneClaim } from '@pixdock/shared/state/records/stored-claim';
import { isSettled } from '@pixdock/shared/state/records/view';
import { fingerprintOf } from '../body/fingerprint.js';
import type { Submission } from '../body/submission.js';
import type { ApiDeps } from '../deps.js';
import type { ApiContext } from '../http/env.js';
import type { Created } from '../http/resource.js';
import { readImage } from '../images.js';
import { expectSameRequest } from './idempotency.js';
import { repeatOf } from './repeat-of.js';

/** The image that an earlier request with the same key created. @throws PixdockError idempotency_conflict */
export async function readRepeated(
  c: ApiContext,
  deps: ApiDeps,
  done: DoneClaim,
  submission: Submission,
): Promise<Created<ImageRecord>> {
  const { owner, token } = c.get('caller');
  expectSameRequest(deps.config, done, fingerprintOf(submission));
  const reading = readImage(deps, done.resourceId, owner, token);
  const repeat = await repeatOf(done, reading, submission.warnings);
  if (repeat.outcome === 'repeated' && !isSettled(repeat.state)) {
    // The server may have crashed before it created the record or the job.
    await deps.records.create(repeat.state);
    await deps.queue.enqueue(runOf(repeat.state));
  }
  return repeat;
}
