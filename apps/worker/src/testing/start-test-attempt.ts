import type { Stage } from '@pixdock/contract/image';
import type { Records } from '@pixdock/shared/state/records/records';
import { type Attempt, startAttempt } from '../attempt/start-attempt.js';

/** Starts an attempt at the current run of an image, also while another attempt has it. */
export async function startTestAttempt(records: Records, id: string, stage: Stage): Promise<Attempt> {
  const record = await records.get(id);
  const attempt = record === null ? null : await startAttempt(records, record, stage);
  if (attempt === null) throw new Error(`${id} permits no attempt`);
  return attempt;
}
