import { nowMs } from '../../runtime/clock.js';
import { publishCommands } from '../changes.js';
import { type Epoch, firstVersionIn } from '../epoch.js';
import type { GuardedCommand, GuardedWrite } from '../guarded-write.js';
import type { RecordKeys } from '../record-keys.js';
import type { BatchEntry, Tombstone } from './batch-entry.js';
import type { BatchEnd } from './batch-event.js';
import { buriedFields } from './batch-fields.js';
import { type BatchState, hasWorkLeft } from './batch-state.js';

/** The end of a batch: it is closed, buried once its items are deleted, and forgotten after its retention. */
export function openBatchEndings(
  keys: RecordKeys,
  guardedWrite: GuardedWrite,
  get: (id: string) => Promise<BatchState | null>,
  epoch: Epoch,
  onEvent: () => void,
) {
  /** Everything about the items in progress. */
  const progressOf = (id: string) => [keys.window(id), keys.pending(id), keys.sharedUses(id)];

  return {
    /**
     * Closes a batch; false if it has work left, or changed since it was read. One step writes its end as the next version,
     * from which callers see it as finished, and appends the event to the outbox.
     * @param expiresAt in ms, for a batch whose items were all final when it was restored: no transition has set its expiry
     * @param end null if it was closed before
     */
    async close(state: BatchState, expiresAt: number, end: BatchEnd | null): Promise<boolean> {
      if (hasWorkLeft(state)) return false;
      const { id, owner, version, finishedAt } = state;
      const commands: GuardedCommand[] = [['ZREM', keys.openBatches, id]];
      commands.push(...progressOf(id).map((key): GuardedCommand => ['DEL', key]));
      if (end !== null) commands.push(...commandsOf(end));
      if (state.buriedAt !== null) commands.push(['HDEL', keys.batch(id), 'webhook']);
      const isClosed = await guardedWrite(
        { hash: keys.batch(id), field: 'version', expected: version },
        commands,
      );
      if (isClosed && end !== null && end.event !== null) onEvent();
      return isClosed;

      function commandsOf({ announcement, event }: BatchEnd): GuardedCommand[] {
        const batch = keys.batch(id);
        const at = Date.parse(announcement.finishedAt);
        const fields = { version: version + 1, updatedAt: nowMs(), finishedAt: at, announcedAt: at };
        const written: GuardedCommand[] = [
          ['HSET', batch, ...Object.entries(fields).flat()],
          ...publishCommands(keys, { id, owner, version: version + 1 }),
        ];
        if (finishedAt === null)
          written.push(['HSET', batch, 'expiresAt', expiresAt], ['ZADD', keys.expiring, expiresAt, id]);
        if (event !== null)
          written.push(
            ['XADD', keys.outboxOf(owner), '*', 'entry', JSON.stringify(event)],
            ['SADD', keys.outboxes, owner],
          );
        return written;
      }
    },

    /**
     * Replaces the state of a batch that has a tombstone, unless it was replaced before. From then on no item of the batch can
     * get a record.
     * @param version above every version of the batch or its items that a response has contained
     */
    async bury(entry: BatchEntry, tombstone: Tombstone, version: number): Promise<boolean> {
      const { id, owner } = entry;
      for (;;) {
        const state = await get(id);
        if (state !== null && (state.buriedAt !== null || state.forgottenAt !== null)) return false;
        const fields = buriedFields(entry, tombstone, state, version);
        const commands: GuardedCommand[] = [keys.batch(id), ...progressOf(id)].map((key) => ['DEL', key]);
        commands.push(
          ['HSET', keys.batch(id), ...Object.entries(fields).flat()],
          ['ZADD', keys.batchesOf(owner), fields.createdAt, id],
          ['ZADD', keys.openBatches, fields.createdAt, id],
          ['ZADD', keys.expiring, Date.parse(tombstone.expiresAt), id],
        );
        if (fields.version !== state?.version)
          commands.push(...publishCommands(keys, { id, owner, version: fields.version }));
        const absent = { field: 'total', expected: '', orAbsent: true } as const;
        const guard = state === null ? absent : { field: 'version', expected: state.version };
        if (await guardedWrite({ hash: keys.batch(id), ...guard }, commands)) return true;
      }
    },

    /**
     * Raises the version of a batch whose latest versions Redis may have lost, above all that a response has contained. The
     * state keeps its content.
     */
    async raiseVersion({ id, owner, version }: Pick<BatchState, 'id' | 'owner' | 'version'>): Promise<void> {
      const first = firstVersionIn(epoch.known.number);
      if (version >= first) return;
      await guardedWrite({ hash: keys.batch(id), field: 'version', expected: version }, [
        ['HSET', keys.batch(id), 'version', first],
        ...publishCommands(keys, { id, owner, version: first }),
      ]);
    },

    /**
     * Begins to forget the batch, which then accepts no requests and no longer counts its items. False if it changed since it
     * was read.
     */
    beginForgetting({ id, version }: Pick<BatchState, 'id' | 'version'>) {
      const guard = { hash: keys.batch(id), field: 'version', expected: version };
      return guardedWrite(guard, [['HSET', keys.batch(id), 'forgottenAt', nowMs()]]);
    },

    /** Records, while the batch is being forgotten, that the entries of the items before a place are removed from staging. */
    async noteEntriesRemoved({ id, minVersion }: Pick<BatchState, 'id' | 'minVersion'>, before: number) {
      const guard = { hash: keys.batch(id), field: 'minVersion', expected: minVersion };
      await guardedWrite(guard, [['HSET', keys.batch(id), 'entriesRemovedBefore', before]]);
    },

    /** Deletes the state, not the records of the items. No effect if Redis lost the state that was read. */
    async forget({ id, owner, minVersion }: Pick<BatchState, 'id' | 'owner' | 'minVersion'>): Promise<void> {
      const guard = {
        hash: keys.batch(id),
        field: 'minVersion',
        expected: minVersion,
        orAbsent: true,
      } as const;
      await guardedWrite(guard, [
        ...[keys.batch(id), ...progressOf(id)].map((key): GuardedCommand => ['DEL', key]),
        ...[keys.batchesOf(owner), keys.openBatches, keys.expiring].map(
          (key): GuardedCommand => ['ZREM', key, id],
        ),
      ]);
    },

    /** Removes a batch without a state from the expiry index. */
    async dropExpiry(id: string): Promise<void> {
      const guard = { hash: keys.batch(id), field: 'version', expected: '', orAbsent: true } as const;
      await guardedWrite(guard, [['ZREM', keys.expiring, id]]);
    },
  };
}
