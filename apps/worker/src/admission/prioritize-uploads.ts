import type { JobHandlers } from '@pixdock/shared/queue/jobs';
import { type Permit, permitOnce } from './permit.js';

/** Uploads of one page follow one another; items of batches stay limited in the gaps between them. */
const CALM_MS = 250;

export interface UploadPriority {
  /** For the time in which a single image needs a lane. */
  acquire(): Permit;
}

export interface ItemLimit {
  /** Limits the items of batches. */
  begin: () => void;
  /** Ends the limit. */
  end: () => void;
}

/** Limits the items of batches while single images need lanes, and for a moment after the last one. */
export function openUploadPriority({ begin, end }: ItemLimit): UploadPriority {
  let inProgress = 0;
  let calm: NodeJS.Timeout | undefined;
  return {
    acquire() {
      clearTimeout(calm);
      inProgress++;
      begin();
      return permitOnce(() => {
        inProgress--;
        if (inProgress === 0) calm = setTimeout(end, CALM_MS);
      });
    },
  };
}

/** The handler of single images, whose jobs limit the items of batches. */
export function prioritizeUploads(
  handle: JobHandlers['process-image'],
  uploads: UploadPriority,
): JobHandlers['process-image'] {
  return async (payload, context) => {
    using priority = uploads.acquire();
    const freeSlot = () => {
      priority[Symbol.dispose]();
      context.freeSlot();
    };
    return await handle(payload, { ...context, freeSlot });
  };
}
