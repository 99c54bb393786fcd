import type { Profiles } from '@pixdock/contract/profile';
import type { Visibility } from '@pixdock/contract/visibility';
import type { ImageRecord } from '@pixdock/shared/state/images/image-record';
import type { CircuitBreaker } from '../admission/circuit-breaker.js';
import type { Needs } from '../deps.js';

/** Whether an image's objects are in the public or the private bucket. */
const visibilityOf = (profiles: Profiles, { profile }: Pick<ImageRecord, 'profile'>): Visibility =>
  profiles.get(profile)?.visibility ?? 'public';

/** The circuit breaker of an image's bucket: a fault of one bucket does not hold images of the other. */
export const breakerOf = (
  { breaker, privateBreaker, config }: Needs<'breaker' | 'privateBreaker', 'profiles'>,
  record: Pick<ImageRecord, 'profile'>,
): CircuitBreaker => (visibilityOf(config.profiles, record) === 'private' ? privateBreaker : breaker);
