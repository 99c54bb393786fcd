import type { JobHandlers } from '@pixdock/shared/queue/jobs';

/** Uploads of one page come one after another; between two of them batches need not come back. */
const CALM_MS = 250;

export interface Precedence {
  /** A single image is in hand. */
  begin: () => void;
  /** None has been for a moment. */
  end: () => void;
}

/** The handler of single images, which tells while there are any. */
export function withPrecedence(
  handle: JobHandlers['process-image'],
  { begin, end }: Precedence,
): JobHandlers['process-image'] {
  let inHand = 0;
  let calm: NodeJS.Timeout | undefined;

  return async (payload, context) => {
    clearTimeout(calm);
    inHand++;
    begin();
    try {
      return await handle(payload, context);
    } finally {
      inHand--;
      if (inHand === 0) calm = setTimeout(end, CALM_MS);
    }
  };
}
