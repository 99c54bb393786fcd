import { createLog } from '@pixdock/shared/runtime/log';
import { expect, test } from 'vitest';
import { restoreWhenNew } from './restore-loop.js';

const NOTHING = { records: 0, waiting: 0, batches: 0 };
const CHECK_MS = 1;
/** Ends a test in which no restore begins. */
const TOO_MANY_LOOKS = 1000;
const openSlowRestore = () => async () => NOTHING;

test('logs an error once, and again after a successful restore, unless Redis is unavailable', async () => {
  const round = ['EIO: i/o error, scandir', 'Command timed out', 'EIO: i/o error, scandir', ''];
  const faults = [...round, ...round];
  const lines: { level: string; msg: string }[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const stopping = new AbortController();
  await restoreWhenNew(
    { isNew: async () => true, begin: async () => async () => {} },
    {
      openSlowRestore,
      async restore() {
        const fault = faults.shift();
        if (faults.length === 0) stopping.abort();
        if (fault) throw new Error(fault);
        return NOTHING;
      },
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
    {
      openSlowRestore,
      async restore(which) {
        restores.push(which);
        return NOTHING;
      },
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
  let looks = 0;
  await restoreWhenNew(
    {
      isNew: async () => {
        if (++looks === TOO_MANY_LOOKS) stopping.abort();
        return hasBegun;
      },
      async begin() {
        hasBegun = true;
        return async () => stopping.abort();
      },
    },
    {
      openSlowRestore,
      async restore(which) {
        restores.push(which);
        return NOTHING;
      },
    },
    createLog('test', { level: 'silent' }),
    stopping.signal,
    CHECK_MS,
  );
  expect(restores).toEqual(['all']);
});

test('compares final images with Redis after a start, continues after a failure, and ends when Redis is new', async () => {
  const stopping = new AbortController();
  let isNew = false;
  let looks = 0;
  const compared: string[] = [];
  await restoreWhenNew(
    {
      isNew: async () => {
        if (++looks === TOO_MANY_LOOKS) stopping.abort();
        return isNew;
      },
      begin: async () => async () => {},
    },
    {
      async restore(which) {
        if (which === 'all') stopping.abort();
        return NOTHING;
      },
      openSlowRestore() {
        compared.push('opened');
        return async (signal) => {
          compared.push('continued');
          if (compared.length === 2) throw new Error('EIO: i/o error, scandir');
          isNew = true;
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
          compared.push('aborted');
          return NOTHING;
        };
      },
    },
    createLog('test', { level: 'silent' }),
    stopping.signal,
    CHECK_MS,
  );
  expect(compared).toEqual(['opened', 'continued', 'continued', 'aborted']);
});
