import { createLog } from '@pixdock/shared/runtime/log';
import { expect, test } from 'vitest';
import type { RestoreRounds } from './restore-rounds.js';
import { type RestoreByServers, restoreWhenNew } from './restore-when-new.js';

const NOTHING = { records: 0, waiting: 0, batches: 0 };
const LOCK = { openClaims: async () => {}, end: async () => {}, [Symbol.asyncDispose]: async () => {} };
const tryRestore = async () => LOCK;
/** A restore with only its first part. */
const restoreOf = (restoreWaiting: () => Promise<unknown>): RestoreByServers => ({
  counts: NOTHING,
  restoreWaiting: async () => void (await restoreWaiting()),
  restoreRecent: async () => {},
  restoreOlder: async () => {},
  help: async () => {},
});
const SILENT = createLog('test', { level: 'silent' });
const CHECK_MS = 1;
/** Ends a test in which no restore begins. */
const TOO_MANY_LOOKS = 1000;
const beginComparison = () => async () => NOTHING;
const LEASE = { id: '', key: '', release: () => {}, [Symbol.dispose]: () => {} };
const leases = { acquire: async () => LEASE };

/** The rounds of a Redis that has lost nothing; every start is that of this server. */
function roundsOfOne(): RestoreRounds {
  const ended = { restore: 0, comparison: 0 };
  let starts = 0;
  return {
    noteStart: async () => void starts++,
    read: async () => ({
      starts,
      isDue: { restore: ended.restore < starts, comparison: ended.comparison < starts },
    }),
    end: async (round, before) => void (ended[round] = before),
  };
}
const alone = (epoch: Parameters<typeof restoreWhenNew>[0]['epoch'], log = SILENT) => ({
  epoch,
  rounds: roundsOfOne(),
  leases,
  log,
});

test('logs an error once, and again after a successful restore, unless Redis is unavailable', async () => {
  const round = ['EIO: i/o error, scandir', 'Command timed out', 'EIO: i/o error, scandir', ''];
  const faults = [...round, ...round];
  const lines: { level: string; msg: string }[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const stopping = new AbortController();
  await restoreWhenNew(
    alone(
      { current: async () => ({ number: 1, isRestored: false }), tryRestore },
      createLog('test', { destination }),
    ),
    {
      beginComparison,
      begin: () =>
        restoreOf(async () => {
          const fault = faults.shift();
          if (faults.length === 0) stopping.abort();
          if (fault) throw new Error(fault);
        }),
    },
    stopping.signal,
    CHECK_MS,
  );
  const messages = lines.map(({ msg }) => msg);
  const [fault, restored] = [expect.stringContaining('failed'), expect.stringContaining('restored')];
  expect(messages).toEqual([fault, restored, fault, restored]);
});

test('restores images in progress at start, and all images when Redis may have lost data', async () => {
  const restores: unknown[] = [];
  let state = { number: 1, isRestored: true };
  let looks = 0;
  const stopping = new AbortController();
  await restoreWhenNew(
    alone({
      async current() {
        if (++looks === TOO_MANY_LOOKS) stopping.abort();
        return state;
      },
      tryRestore: async () => ({
        ...LOCK,
        openClaims: async (epoch) => void restores.push('claims', epoch),
        async end(epoch) {
          restores.push('end', epoch);
          stopping.abort();
        },
      }),
    }),
    {
      beginComparison,
      begin: (epoch) => ({
        counts: NOTHING,
        async restoreWaiting() {
          restores.push('open', epoch);
          state = { number: 2, isRestored: false };
        },
        restoreRecent: async () => void restores.push('recent', epoch),
        restoreOlder: async () => void restores.push('older', epoch),
        help: async () => {},
      }),
    },
    stopping.signal,
    CHECK_MS,
  );
  expect(restores).toEqual([
    'open',
    1,
    ...['open', 'recent', 'claims', 'older', 'end'].flatMap((part) => [part, 2]),
  ]);
});

test('restores nothing while another server does, and nothing that it has restored', async () => {
  const restores: string[] = [];
  const stopping = new AbortController();
  let looks = 0;
  let state = { number: 1, isRestored: false };
  await restoreWhenNew(
    alone({
      current: async () => state,
      async tryRestore() {
        looks++;
        if (looks < 3) return null;
        state = { number: 1, isRestored: true };
        return LOCK;
      },
    }),
    {
      beginComparison,
      begin: () => ({
        ...restoreOf(async () => {
          restores.push('open');
          stopping.abort();
        }),
        restoreOlder: async () => void restores.push('others'),
      }),
    },
    stopping.signal,
    CHECK_MS,
  );
  expect(restores).toEqual(['open']);
});

test('compares final images with Redis after a start, continues after a failure, and ends when Redis is new', async () => {
  const stopping = new AbortController();
  let isNew = false;
  let looks = 0;
  const compared: string[] = [];
  await restoreWhenNew(
    alone({
      async current() {
        if (++looks === TOO_MANY_LOOKS) stopping.abort();
        return { number: isNew ? 2 : 1, isRestored: !isNew };
      },
      tryRestore,
    }),
    {
      begin: () => ({
        ...restoreOf(async () => {}),
        restoreOlder: async () => stopping.abort(),
      }),
      beginComparison(signal) {
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
    stopping.signal,
    CHECK_MS,
  );
  expect(compared).toEqual(['opened', 'continued', 'continued', 'aborted']);
});

test('continues an interrupted restore, and begins another if Redis has lost data meanwhile', async () => {
  const stopping = new AbortController();
  const restores: string[] = [];
  let opened = 0;
  let state = { number: 1, isRestored: false };
  await restoreWhenNew(
    alone({ current: async () => state, tryRestore }),
    {
      beginComparison,
      begin() {
        const id = ++opened;
        return restoreOf(async () => {
          restores.push(`restore ${id}`);
          if (restores.length === 3) state = { number: 2, isRestored: false };
          if (restores.length === 5) stopping.abort();
          if (restores.length > 1) throw new Error('Command timed out');
        });
      },
    },
    stopping.signal,
    CHECK_MS,
  );
  const [second, third] = ['restore 2', 'restore 3'];
  expect(restores).toEqual(['restore 1', second, second, third, third]);
});
