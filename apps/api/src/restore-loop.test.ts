import { createLog } from '@pixdock/shared/runtime/log';
import { expect, test } from 'vitest';
import { restoreWhenNew } from './restore-loop.js';

const NOTHING = { records: 0, waiting: 0, batches: 0 };
const CHECK_MS = 1;

test('logs an error once, and again after a successful restore, unless Redis is unavailable', async () => {
  const round = ['EIO: i/o error, scandir', 'Command timed out', 'EIO: i/o error, scandir', ''];
  const faults = [...round, ...round];
  const lines: { level: string; msg: string }[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const stopping = new AbortController();
  await restoreWhenNew(
    { isNew: async () => true, begin: async () => async () => {} },
    async () => {
      const fault = faults.shift();
      if (faults.length === 0) stopping.abort();
      if (fault) throw new Error(fault);
      return NOTHING;
    },
    createLog('test', { destination }),
    stopping.signal,
    CHECK_MS,
  );
  const messages = lines.map(({ msg }) => msg);
  const [fault, restored] = [expect.stringContaining('failed'), expect.stringContaining('restored')];
  expect(messages).toEqual([fault, restored, fault, restored]);
});

test('restores at start even if Redis has lost no data', async () => {
  let restores = 0;
  let looks = 0;
  const stopping = new AbortController();
  await restoreWhenNew(
    {
      async isNew() {
        if (++looks === 5) stopping.abort();
        return false;
      },
      begin: async () => async () => {},
    },
    async () => {
      restores++;
      return NOTHING;
    },
    createLog('test', { level: 'silent' }),
    stopping.signal,
    CHECK_MS,
  );
  expect([looks, restores]).toEqual([5, 1]);
});
