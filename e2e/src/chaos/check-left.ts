import { readFileSync } from 'node:fs';
import { QUEUE_NAMES, queuePrefix } from '@pixdock/shared/jobs';
import { isAlive } from '../harness/leftovers.js';
import type { Find } from './history.js';
import type { Run } from './run.js';

const PREFIX = '{pixdock}';
const LISTS = ['wait', 'active', 'paused'] as const;
const SETS = ['prioritized', 'delayed', 'failed'] as const;

/** I5: no job is left, nobody holds an image that is final, and no key of a repeat is held. */
export function checkQueues({ stack: { redis } }: Run): Find[] {
  const finds: Find[] = [];
  const lines = (...args: string[]) =>
    redis
      .cli(...args)
      .split('\n')
      .filter((line) => line !== '');
  for (const queue of QUEUE_NAMES) {
    const key = (kind: string) => `${queuePrefix(PREFIX)}:${queue}:${kind}`;
    const ids = [
      ...LISTS.flatMap((list) => lines('LRANGE', key(list), '0', '-1')),
      ...SETS.flatMap((set) => lines('ZRANGE', key(set), '0', '-1')),
    ];
    for (const id of ids)
      if (!id.startsWith('repeat:sweep')) finds.push({ about: id, what: `still in ${queue}` });
  }
  for (const key of lines('EVAL', HELD, '0', `${PREFIX}:image:*`))
    finds.push({ about: key, what: 'is still held' });
  const now = String(Date.now());
  for (const key of lines('EVAL', CLAIMED, '0', `${PREFIX}:idempotency:*`, now))
    finds.push({ about: key, what: 'is still claimed' });
  return finds;
}

const HELD = `
  local held = {}
  for _, key in ipairs(redis.call('KEYS', ARGV[1])) do
    local doc = cjson.decode(redis.call('HGET', key, 'doc'))
    if doc.internal.holder ~= cjson.null then held[#held + 1] = key end
  end
  return held`;

const CLAIMED = `
  local claimed = {}
  for _, key in ipairs(redis.call('KEYS', ARGV[1])) do
    local claim = cjson.decode(redis.call('GET', key))
    if claim.state == 'running' and claim.leaseUntil > tonumber(ARGV[2]) then claimed[#claimed + 1] = key end
  end
  return claimed`;

/** I5: what a dead worker had running is gone with it. */
export function checkProcesses({ history }: Run): Find[] {
  return [...history.deadDecoders]
    .filter((pid) => isAlive(pid) && isDecoder(pid))
    .map((pid) => ({ about: `process ${pid}`, what: 'outlived its worker' }));
}

// Its number may be another's by now.
function isDecoder(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('/image/child');
  } catch {
    return false;
  }
}
