import { readFileSync } from 'node:fs';
import { QUEUE_NAMES, queuePrefix } from '@pixdock/shared/queue/jobs';
import { isAlive } from '@pixdock/shared/testing/processes';
import type { Finding } from './history.js';
import type { Installation } from './run.js';

const PREFIX = '{pixdock}';

/** I5: no job remains except sweeps, no image has a current attempt, and no Idempotency-Key is claimed. */
export function checkQueues({ stack: { redis } }: Installation): Finding[] {
  const queues = QUEUE_NAMES.map((name) => `${queuePrefix(PREFIX)}:${name}`);
  // A single script, because starting redis-cli takes most of the time.
  const lines = redis.cli('EVAL', LEFTOVERS, String(queues.length), ...queues, PREFIX, String(Date.now()));
  return lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [about = '', what = ''] = line.split('\t');
      return { about, what };
    });
}

const LEFTOVERS = `
  local left = {}
  local function add(about, what) left[#left + 1] = about .. '\\t' .. what end
  for _, queue in ipairs(KEYS) do
    local nextSweep = 'repeat:sweep:' .. (redis.call('ZSCORE', queue .. ':repeat', 'sweep') or '')
    local function addAll(kind, ids)
      for _, id in ipairs(ids) do
        local isRunning = kind == 'active' and id:find('^repeat:sweep')
        if id ~= nextSweep and not isRunning then add(id, 'still in ' .. queue:match('[%w-]+$')) end
      end
    end
    for _, kind in ipairs({'wait', 'active', 'paused'}) do
      addAll(kind, redis.call('LRANGE', queue .. ':' .. kind, 0, -1))
    end
    for _, kind in ipairs({'prioritized', 'delayed', 'failed'}) do
      addAll(kind, redis.call('ZRANGE', queue .. ':' .. kind, 0, -1))
    end
  end
  for _, key in ipairs(redis.call('KEYS', ARGV[1] .. ':image:*')) do
    if redis.call('HGET', key, 'doc'):find('"attemptToken":"', 1, true) then add(key, 'still has an attempt') end
  end
  for _, key in ipairs(redis.call('KEYS', ARGV[1] .. ':idempotency:*')) do
    local claim = cjson.decode(redis.call('GET', key))
    if claim.state == 'running' and claim.leaseUntil > tonumber(ARGV[2]) then add(key, 'is still claimed') end
  end
  return left`;

/** I5: the decoders of a dead worker have ended with it. */
export function checkProcesses({ history }: Installation): Finding[] {
  return [...history.deadDecoders]
    .filter((pid) => isAlive(pid) && isDecoder(pid))
    .map((pid) => ({ about: `process ${pid}`, what: 'outlived its worker' }));
}

// The kernel may have given the pid to another process.
function isDecoder(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('/image/child');
  } catch {
    return false;
  }
}
