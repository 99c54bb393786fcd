import { createLog } from '@pixdock/shared/runtime/log';
import { expect, test } from 'vitest';
import { restoreWhenNew } from './restore-loop.js';

const NOTHING = { records: 0, waiting: 0, batches: 0 };
const RESTORING = { canContinue: async () => true, end: async () => {} };
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
    { isNew: async () => true, begin: async () => RESTORING },
    {
      openSlowRestore,
      openRestore: () => async () => {
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
      begin: async () => RESTORING,
    },
    {
      openSlowRestore,
      openRestore: (which) => async () => {
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
        return { ...RESTORING, end: async () => stopping.abort() };
      },
    },
    {
      openSlowRestore,
      openRestore: (which) => async () => {
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
      begin: async () => RESTORING,
    },
    {
      openRestore: (which) => async () => {
        if (which === 'all') stopping.abort();
        return NOTHING;
      },
      openSlowRestore(signal) {
        compared.push('opened');
        return async () => {
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

test('continues an interrupted restore, and begins another if Redis has lost data or was restored meanwhile', async () => {
  const stopping = new AbortController();
  const restores: string[] = [];
  let opened = 0;
  let canContinue = true;
  let isNew = true;
  await restoreWhenNew(
    {
      async isNew() {
        const result = isNew;
        isNew = true;
        return result;
      },
      begin: async () => ({ ...RESTORING, canContinue: async () => canContinue }),
    },
    {
      openSlowRestore,
      openRestore() {
        const id = ++opened;
        return async () => {
          restores.push(`restore ${id}`);
          if (restores.length === 1) return NOTHING;
          if (restores.length === 3) canContinue = false;
          if (restores.length === 4) canContinue = true;
          // Another server has ended its restore.
          if (restores.length === 5) isNew = false;
          if (restores.length === 6) stopping.abort();
          throw new Error('Command timed out');
        };
      },
    },
    createLog('test', { level: 'silent' }),
    stopping.signal,
    CHECK_MS,
  );
  const [second, third, fourth] = ['restore 2', 'restore 3', 'restore 4'];
  expect(restores).toEqual(['restore 1', second, second, third, third, fourth]);
});
