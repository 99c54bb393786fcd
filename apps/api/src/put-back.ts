import type { ImageRecord } from '@pixdock/shared/state/records/image-record';
import { restored } from '@pixdock/shared/state/records/restored';
import type { ApiDeps } from './deps.js';

/**
 * Makes what staging tells of an image its record, while Redis is being restored, and returns the one there is then. Told
 * without, its version might be above that of a restore under way.
 */
export async function putBack(records: ApiDeps['records'], account: ImageRecord): Promise<ImageRecord> {
  const made = restored(account);
  return (await records.create(made)) ? made : ((await records.get(account.id)) ?? made);
}
