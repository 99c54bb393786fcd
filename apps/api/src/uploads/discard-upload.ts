import type { ServerResponse } from 'node:http';
import { asError } from '@pixdock/shared/runtime/as-error';
import type { StagedUpload } from '@pixdock/shared/state/folder-staging/staged-uploads';
import type { FinishedUpload } from '@pixdock/shared/state/uploads/upload-entry';
import type { Parts } from '../deps.js';
import { whenClosed } from '../http/when-closed.js';

type DiscardDeps = Parts<'staging' | 'shares' | 'tokenUses'>;

/**
 * Removes an upload, which then no longer counts for its owner.
 * @param isFinished whether it has become an image: otherwise its token may upload another file instead
 */
export async function discardUpload(
  { staging, shares, tokenUses }: DiscardDeps,
  { id, owner, uploadToken }: FinishedUpload,
  isFinished = false,
): Promise<void> {
  await staging.uploads.remove(id);
  await shares.releaseResumable(owner, id);
  if (uploadToken !== null && !isFinished) await tokenUses.giveBack(uploadToken);
}

/** Removes a new upload if its client disconnects before the response: no other response has named it. */
export function discardUnlessSent(
  deps: DiscardDeps & Parts<'log'>,
  { entry, isFinished }: StagedUpload,
  outgoing: ServerResponse,
): void {
  whenClosed(outgoing, () => {
    if (outgoing.writableFinished) return;
    discardUpload(deps, entry, isFinished).catch((error) =>
      deps.log.warn(
        { err: asError(error), id: entry.id },
        'an upload without a client stays until it expires',
      ),
    );
  });
}
