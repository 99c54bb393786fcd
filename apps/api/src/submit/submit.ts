import type { ImageRecord } from '@pixdock/shared/state/records/image-record';
import { runOf } from '@pixdock/shared/state/records/run-of';
import { isSettled } from '@pixdock/shared/state/records/view';
import type { ApiDeps } from '../deps.js';
import type { ApiContext } from '../http/env.js';
import { readImage } from '../images.js';
import { accept, newImageId, readSubmission, withSubmission } from './accept.js';
import { fingerprintOf } from './fingerprint.js';
import type { Creation } from './once.js';
import { recordOf } from './submission.js';

/** How an image is made of a request. */
export function imageCreation(c: ApiContext, deps: ApiDeps): Creation<ImageRecord> {
  const owner = c.get('owner');
  return {
    newId: newImageId,
    async left(id) {
      const entry = await deps.staging.entry(id);
      return entry === null ? null : (entry.idempotency?.fingerprint ?? '');
    },
    make: (id, { stamp, confirm }) =>
      withSubmission(c, deps, id, (submission, commit) => {
        const record = recordOf(id, owner, submission);
        const origin = submission.kind === 'url' ? submission.origin : null;
        const idempotency = stamp(fingerprintOf(submission));
        return accept(deps, { record, origin, idempotency }, { commit, confirm });
      }),
    fingerprint: () => readSubmission(c, deps).then(fingerprintOf),
    async find(id) {
      const record = await readImage(deps, id, owner);
      if (!isSettled(record)) {
        // Its server may have died before it had a record or a job.
        await deps.records.create(record);
        await deps.queue.run(runOf(record));
      }
      return record;
    },
  };
}
