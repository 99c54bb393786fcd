import type { Stage } from '@pixdock/contract/image';
import { type Attempt, startAttempt } from '../attempt/start-attempt.js';
import type { Parts } from '../deps.js';

/** Starts an attempt at the current run of an image, also while another attempt has it. */
export async function startTestAttempt(parts: Parts<'images'>, id: string, stage: Stage): Promise<Attempt> {
  const record = await parts.images.inRedis(id);
  const attempt = record === null ? null : await startAttempt(parts, record, stage);
  if (attempt === null) throw new Error(`${id} permits no attempt`);
  return attempt;
}
