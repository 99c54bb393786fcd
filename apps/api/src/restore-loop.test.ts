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

test('restores images in progress at start, and all images when Redis may have lost data', async () => {
  const restores: string[] = [];
  // At the start, after `begin`, and at each check; with the second `true`, the restore that follows.
  const isNew = [false, false, true, true, false];
  const stopping = new AbortController();
  await restoreWhenNew(
    {
      async isNew() {
        if (isNew.length === 1) stopping.abort();
        return isNew.shift() ?? false;
      },
      begin: async () => async () => {},
    },
    async (which) => {
      restores.push(which);
      return NOTHING;
    },
    createLog('test', { level: 'silent' }),
    stopping.signal,
    CHECK_MS,
  );
  expect(restores).toEqual(['live', 'all']);
});

test('restores all images if Redis loses data right after the check', async () => {
  const restores: string[] = [];
  const stopping = new AbortController();
  let hasBegun = false;
  await restoreWhenNew(
    {
      isNew: async () => hasBegun,
      async begin() {
        hasBegun = true;
        return async () => stopping.abort();
      },
    },
    async (which) => {
      restores.push(which);
      return NOTHING;
    },
    createLog('test', { level: 'silent' }),
    stopping.signal,
    CHECK_MS,
  );
  expect(restores).toEqual(['all']);
});
