import { sleep } from '@pixdock/shared/runtime/clock';
import { addFault, clearFaults } from '../../harness/bucket.js';
import type { Fault } from './fault.js';

const TROUBLE_MS = 6000;
const AHEAD_MS = 16 * 60_000;

/** A rule as packages/oss-dev/README.md has it. */
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
  failing('500', 'OSS answers 500 to everything', error(500, 'InternalError')),
  failing('503', 'OSS answers 503, and how long to wait', { action: { type: 'throttle', delayMs: 700 } }),
  failing('429', 'OSS answers 429 to everything', error(429, 'QpsLimitExceeded')),
  failing('hang', 'puts have no answer, and are not stored', put({ type: 'hang' }, { count: 4 })),
  failing(
    'hang-stored',
    'puts have no answer, but are stored',
    put({ type: 'hang' }, { count: 4, when: 'after' }),
  ),
  failing('reset', 'puts are reset in the body', put({ type: 'reset' }, { count: 12 })),
  failing(
    'reset-stored',
    'puts are reset when they are stored',
    put({ type: 'reset' }, { count: 12, when: 'after' }),
  ),
  failing('html', 'a proxy on the way answers with pages of HTML', { action: { type: 'html', status: 502 } }),
  failing('html-200', 'such pages, as if all was well', put({ type: 'html', status: 200 }, { count: 6 })),
  failing('empty', 'answers without a body', { action: { type: 'empty', status: 503 } }),
  failing(
    'wrong-etag',
    'other bytes are stored than were sent, by what OSS says',
    put({ type: 'wrong-etag' }, { count: 2 }),
  ),
  failing('denied', 'the key is wrong', error(403, 'InvalidAccessKeyId')),
  failing('token', 'the token of STS has expired', error(403, 'SecurityTokenExpired')),
  failing('no-bucket', 'there is no such bucket', error(404, 'NoSuchBucket')),
  failing('clock', 'the clock of OSS is 16 minutes ahead', { action: { type: 'clock', offsetMs: AHEAD_MS } }),
];
