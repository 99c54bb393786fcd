import { createLog } from '@pixdock/shared/runtime/log';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { restoreWhenNew } from './restore-loop.js';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test('what is not trouble of Redis is told once, and again after a restore that went well', async () => {
  const troubles = ['EIO: i/o error, scandir', 'Command timed out', 'EIO: i/o error, scandir', ''];
  const lines: { level: string; msg: string }[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const stopping = new AbortController();
  const running = restoreWhenNew(
    { isNew: async () => true, begin: async () => async () => {} },
    async () => {
      const trouble = troubles[round++ % troubles.length];
      if (trouble) throw new Error(trouble);
      return { records: 0, waiting: 0, batches: 0 };
    },
    createLog('test', { destination }),
    stopping.signal,
  );
  await vi.advanceTimersByTimeAsync(7 * 1000);
  stopping.abort();
  await running;
  const told = lines.map(({ msg }) => msg);
  const [trouble, restored] = [expect.stringContaining('fails'), expect.stringContaining('restored')];
  expect(told).toEqual([trouble, restored, trouble, restored]);
});

test('restores at the start also when Redis is the one of the last restore', async () => {
  let restores = 0;
  const stopping = new AbortController();
  const running = restoreWhenNew(
    { isNew: async () => false, begin: async () => async () => {} },
    async () => {
      restores++;
      return { records: 0, waiting: 0, batches: 0 };
    },
    createLog('test', { level: 'silent' }),
    stopping.signal,
  );
  await vi.advanceTimersByTimeAsync(5 * 1000);
  stopping.abort();
  await running;
  expect(restores).toBe(1);
});

let round = 0;
