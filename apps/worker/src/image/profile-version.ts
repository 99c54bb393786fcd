import { createHash } from 'node:crypto';
import type { Profile } from '@pixdock/contract/profile';

/** The first 12 hex digits of the SHA-256 of the profile. */
export function profileVersion(profile: Profile): string {
  return createHash('sha256').update(JSON.stringify(profile)).digest('hex').slice(0, 12);
}
