import type { ServerResponse } from 'node:http';
import { PixdockError } from '@pixdock/contract/error';
import { detailOf } from '@pixdock/contract/messages/detail';
import { createMiddleware } from 'hono/factory';
import type { ApiEnv } from './env.js';
import { whenClosed } from './when-closed.js';

/**
 * Concurrent large responses of one owner: reports and pages of items. Each holds about 1 MiB, also while its client does
 * not read, which is 8 MiB for each owner. Waiting requests cost almost nothing.
 */
const MAX_READS = 8;
/** How long a request waits: well below the two minutes after which the server closes a silent connection. */
const PATIENCE_MS = 10_000;

interface Line {
  open: number;
  /** Each function admits one request. */
  waiting: Set<() => void>;
}

/**
 * Admits `maxReads` requests of an owner at a time, each until its response is sent. The server closes connections whose
 * clients do not read.
 */
export function limitLargeResponses(hasManyOwners: () => boolean, maxReads = MAX_READS) {
  const lines = new Map<string, Line>();

  function leave(owner: string, line: Line): void {
    const [next] = line.waiting;
    if (next !== undefined) {
      line.waiting.delete(next);
      next();
    } else {
      line.open--;
      if (line.open === 0) lines.delete(owner);
    }
  }

  return createMiddleware<ApiEnv>(async (c, next) => {
    const owner = c.get('owner');
    const line = lines.get(owner) ?? { open: 0, waiting: new Set() };
    lines.set(owner, line);
    const { outgoing } = c.env;
    if (line.open < maxReads) line.open++;
    else await waitInLine(line, outgoing, hasManyOwners);
    if (outgoing === undefined) return next().finally(() => leave(owner, line));
    whenClosed(outgoing, () => leave(owner, line));
    return next();
  });
}

/** @throws PixdockError if the wait takes too long, or the client closes its connection */
function waitInLine(
  line: Line,
  outgoing: ServerResponse | undefined,
  hasManyOwners: () => boolean,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const enter = () => {
      clearTimeout(timer);
      resolve();
    };
    const leave = (error: PixdockError) => {
      clearTimeout(timer);
      if (line.waiting.delete(enter)) reject(error);
    };
    const timer = setTimeout(() => leave(tooManyReads(hasManyOwners())), PATIENCE_MS);
    line.waiting.add(enter);
    if (outgoing !== undefined) whenClosed(outgoing, () => leave(new PixdockError('request_timeout')));
  });
}

function tooManyReads(isOwnersLimit: boolean): PixdockError {
  return new PixdockError(
    isOwnersLimit ? 'rate_limited' : 'overloaded',
    detailOf('reads-at-once', { limit: MAX_READS }),
    { retryAfterSeconds: 5 },
  );
}
