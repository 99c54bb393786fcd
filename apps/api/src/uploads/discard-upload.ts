import type { ServerResponse } from 'node:http';
import { asError } from '@pixdock/shared/runtime/as-error';
import type { UploadEntry } from '@pixdock/shared/state/uploads/upload-entry';
import type { Parts } from '../deps.js';
import { whenClosed } from '../http/when-closed.js';

/** Removes an upload, which then no longer counts for its owner. */
export async function discardUpload(
  { staging, shares }: Parts<'staging' | 'shares'>,
  { id, owner }: UploadEntry,
): Promise<void> {
  await staging.uploads.remove(id);
  await shares.releaseResumable(owner, id);
}

/** Removes a new upload if its client disconnects before the response: no other response has named it. */
export function discardUnlessSent(
  deps: Parts<'staging' | 'shares' | 'log'>,
  entry: UploadEntry,
  outgoing: ServerResponse,
): void {
  whenClosed(outgoing, () => {
    if (outgoing.writableFinished) return;
    discardUpload(deps, entry).catch((error) =>
      deps.log.warn(
        { err: asError(error), id: entry.id },
        'an upload without a client stays until it expires',
      ),
    );
  });
}
