import type { Profiles } from '@pixdock/contract/profile';
import type { Visibility } from '@pixdock/contract/visibility';
import type { ImageRecord } from '@pixdock/shared/state/images/image-record';
import type { CircuitBreaker } from '../admission/circuit-breaker.js';
import type { Needs } from '../deps.js';

/** Where the objects of an image go. */
export const visibilityOf = (profiles: Profiles, { profile }: Pick<ImageRecord, 'profile'>): Visibility =>
  profiles.get(profile)?.visibility ?? 'public';

/** The breaker in front of the bucket of an image: a fault of one bucket holds no image of the other. */
export const breakerOf = (
  { breaker, privateBreaker, config }: Needs<'breaker' | 'privateBreaker', 'profiles'>,
  record: Pick<ImageRecord, 'profile'>,
): CircuitBreaker => (visibilityOf(config.profiles, record) === 'private' ? privateBreaker : breaker);
