import { sleep } from '@pixdock/shared/runtime/clock';
import { addFault, clearFaults } from '../../harness/bucket.js';
import type { Fault } from './fault.js';

const TROUBLE_MS = 6000;
const AHEAD_MS = 16 * 60_000;

/** @param rule described in packages/oss-dev/README.md */
function failing(name: string, what: string, rule: object): Fault {
  return {
    name: `oss-${name}`,
    what,
    async strike({ stack }) {
      await addFault(stack, rule);
      await sleep(TROUBLE_MS);
      await clearFaults(stack);
    },
  };
}

const error = (status: number, code: string) => ({ action: { type: 'error', status, code } });
const put = (action: object, more: object = {}) => ({ operation: 'PutObject', action, ...more });

export const OSS_FAULTS: readonly Fault[] = [
  failing('500', 'OSS responds with 500 to everything', error(500, 'InternalError')),
  failing('503', 'OSS responds with 503 with Retry-After', { action: { type: 'throttle', delayMs: 700 } }),
  failing('429', 'OSS responds with 429 to everything', error(429, 'QpsLimitExceeded')),
  failing('hang', 'puts get no response and are not stored', put({ type: 'hang' }, { count: 4 })),
  failing(
    'hang-stored',
    'puts get no response but are stored',
    put({ type: 'hang' }, { count: 4, when: 'after' }),
  ),
  failing('reset', 'puts are reset while the body is sent', put({ type: 'reset' }, { count: 12 })),
  failing(
    'reset-stored',
    'puts are reset after they are stored',
    put({ type: 'reset' }, { count: 12, when: 'after' }),
  ),
  failing('html', 'a proxy in between responds with HTML pages', { action: { type: 'html', status: 502 } }),
  failing(
    'html-200',
    'a proxy in between responds with HTML pages and 200',
    put({ type: 'html', status: 200 }, { count: 6 }),
  ),
  failing('empty', 'OSS responds with 503 without a body', { action: { type: 'empty', status: 503 } }),
  failing(
    'wrong-etag',
    'OSS reports another checksum than that of the bytes sent',
    put({ type: 'wrong-etag' }, { count: 2 }),
  ),
  failing('denied', 'OSS rejects the access key', error(403, 'InvalidAccessKeyId')),
  failing('token', 'the STS token has expired', error(403, 'SecurityTokenExpired')),
  failing('no-bucket', 'the bucket does not exist', error(404, 'NoSuchBucket')),
  failing('clock', 'the clock of OSS is 16 minutes ahead', { action: { type: 'clock', offsetMs: AHEAD_MS } }),
];
