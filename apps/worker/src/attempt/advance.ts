import type { Stage } from '@pixdock/contract/image';
import * as transitions from '@pixdock/shared/state/records/attempt-transitions';
import type { Attempt } from './start-attempt.js';

/** @param keys object keys that the attempt is about to write, recorded before it does */
export function advance(attempt: Attempt, stage: Stage, keys?: string[]): Promise<void> {
  return attempt.change((record, attemptId) => transitions.advance(record, attemptId, stage, keys));
}
