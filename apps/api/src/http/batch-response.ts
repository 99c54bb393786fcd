import { type BatchState, isBatchSettled } from '@pixdock/shared/state/batches/batch-state';
import { toBatch } from '@pixdock/shared/state/batches/batch-view';
import type { Parts } from '../deps.js';
import type { ApiContext } from './env.js';
import { languageOf } from './language.js';
import { preferredWaitSeconds } from './preferred-wait.js';
import type { Resource } from './resource.js';
import { setStateHeaders } from './state-headers.js';
import { warningsIn } from './warnings.js';

const LONGEST_RETRY_AFTER_SECONDS = 30;
/** Share of the remaining time after which a client should poll again. */
const SHARE = 0.1;

/** Sets the headers of every response with a batch. */
export function setBatchHeaders(c: ApiContext, state: BatchState): void {
  setStateHeaders(c, state.version);
  if (isBatchSettled(state)) return;
  const remaining = toBatch(state).etaSeconds ?? 0;
  const seconds = Math.min(LONGEST_RETRY_AFTER_SECONDS, Math.max(1, Math.round(remaining * SHARE)));
  c.header('Retry-After', String(seconds));
}

export function respondWithBatch<S extends 200 | 202>(c: ApiContext, state: BatchState, status: S) {
  setBatchHeaders(c, state);
  return c.json(toBatch(state), status);
}

export const batchLocationOf = (id: string) => `/v1/batches/${id}`;

/** How batches are created and waited for. */
export function batchResource({ waits, shares }: Parts<'waits' | 'shares'>): Resource<BatchState> {
  return {
    locationOf: batchLocationOf,
    isSettled: isBatchSettled,
    waits: waits.batches,
    shares,
    setHeaders: setBatchHeaders,
    compose: (c, state, warnings) => ({
      status: isBatchSettled(state) && preferredWaitSeconds(c) > 0 ? 201 : 202,
      body: JSON.stringify({ ...toBatch(state), ...warningsIn(languageOf(c), warnings) }),
    }),
  };
}
