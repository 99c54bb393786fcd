import type { StoreNotice } from '@pixdock/object-store/open';
import { text } from '../messages/doctor.js';
import { Finding } from './finding.js';

/** @throws Finding if the response to a put had the header of a bucket with versioning */
export function checkUnversioned(notices: readonly StoreNotice[]): void {
  if (notices.some(({ notice }) => notice === 'versioned-bucket'))
    throw new Finding('VersionedBucket', text('verbatim', { value: 'x-oss-version-id' }));
}
