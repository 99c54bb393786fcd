import { randomUUID } from 'node:crypto';
import { text } from '../runtime/messages/start.js';
import type { RedisConnection } from '../runtime/redis.js';
import { loadScript } from '../runtime/scripts.js';
import { StartFault } from '../runtime/start-fault.js';
import { takeNumber } from './epoch-number.js';
import { recordKeys } from './record-keys.js';
import { readStagingId, type StagingId, type StagingPlace } from './staging-id.js';

/**
 * An epoch is one state of Redis. It ends when Redis may have lost data: Redis was emptied, restarted, or replaced by its
 * replica. Its number is above those of all earlier epochs, and kept in staging.
 */
export interface EpochState {
  number: number;
  /** Whether everything that Redis lost before this epoch is restored. */
  isRestored: boolean;
}

/** Redis lost data during a restore, which begins again, or again and again. */
export class EpochEnded extends Error {
  override readonly name = 'EpochEnded';
}

/** Redis belongs to the staging of another folder than this process sees. */
export class OtherStaging extends StartFault {
  override readonly name = 'OtherStaging';

  constructor(
    readonly own: Pick<StagingId, 'id' | 'place'>,
    readonly other: Pick<StagingId, 'id' | 'place'>,
  ) {
    const places = { own: own.place, other: other.place };
    super('DATA_DIR', text('other-staging', places), text('other-staging.fix'));
    // Logs do not name folders; only the sentence at a start does.
    this.message = text('other-staging.log').en;
  }
}

/** What a script returns, without a change, if the caller's epoch has ended. */
const LOST = -1;

/** The most changes of one image or batch in an epoch: 16.7 million, or 80 retries of all items of a batch of 100,000. */
const VERSIONS = 2 ** 24;
/** The first version in an epoch, which is above all versions in earlier ones. */
export const firstVersionIn = (epoch: number) => Math.max(1, epoch * VERSIONS);
/** The last version in an epoch. */
export const lastVersionIn = (epoch: number) => (epoch + 1) * VERSIONS - 1;
export const nextVersion = (version: number, epoch: number) => Math.max(version + 1, firstVersionIn(epoch));

const LOCK_MS = 5000;
/** Losses in a row. More do not happen by chance: the scripts and this file disagree about what a loss is. */
const MAX_LOSSES = 10;
const lostEachTime = () =>
  new EpochEnded(`after each of ${MAX_LOSSES} tries, Redis counts as emptied or replaced`);

type ReadReply = [
  runId: string,
  number: string,
  epochRunId: string,
  restored: string,
  staging: string,
  place: string,
  isNew: string,
  ageMs: number,
  timeMs: number,
];

/** The epoch in Redis; -1 and '' for what is absent. */
interface StoredEpoch extends EpochState {
  /** Whether Redis may have lost data since it began. */
  hasEnded: boolean;
  /** The id of its staging, and where that is. */
  staging: string;
  place: string;
  /** Whether another staging may take its place. */
  isNew: boolean;
  ageMs: number;
  /** The time of Redis. */
  timeMs: number;
}

/** @param stagingPlace without it, the numbers are those of a Redis that is never emptied */
export function openEpoch(redis: RedisConnection, prefix: string, stagingPlace?: StagingPlace) {
  const keys = recordKeys(prefix);
  const key = keys.epoch;
  const readEpoch = loadScript<ReadReply>('read-epoch');
  const beginEpoch = loadScript<1>('begin-epoch');
  const endRestore = loadScript<0 | 1>('end-restore');
  const changeLock = loadScript<0 | 1>('compare-and-set');
  let known: EpochState = { number: -1, isRestored: false };
  let ownId: StagingId | null = null;

  async function readOwnId(): Promise<StagingId> {
    if (stagingPlace === undefined) return { id: '', place: '', isNew: false };
    ownId ??= await readStagingId(stagingPlace);
    return { ...ownId, isNew: ownId.isNew && known.number < 0 };
  }

  async function readStored(): Promise<StoredEpoch> {
    const reply = await readEpoch(redis, [key], {});
    const [runId, number, epochRunId, restored, staging, place, isNew, ageMs, timeMs] = reply;
    return {
      number: number === '' ? -1 : Number(number),
      isRestored: restored !== '',
      hasEnded: runId !== epochRunId,
      staging,
      place,
      isNew: isNew !== '',
      ageMs,
      timeMs,
    };
  }

  async function read(
    own: StagingId,
  ): Promise<{ outcome: 'current'; state: EpochState } | { outcome: 'ended'; number: number }> {
    const { number, isRestored, hasEnded, staging, place, isNew } = await readStored();
    const isOther = own.id !== '' && staging !== '' && staging !== own.id;
    // An empty folder in the place of the right one does not win: it was noted less than a minute ago.
    if (isOther && (own.isNew || !isNew)) throw new OtherStaging(own, { id: staging, place });
    return isOther || hasEnded
      ? { outcome: 'ended', number }
      : { outcome: 'current', state: { number, isRestored } };
  }

  async function current(): Promise<EpochState> {
    const own = await readOwnId();
    for (let tries = 0; tries < MAX_LOSSES; tries++) {
      const found = await read(own);
      if (found.outcome === 'current') {
        known = found.state;
        return known;
      }
      const above = Math.max(known.number, found.number);
      const number = stagingPlace === undefined ? above + 1 : await takeNumber(stagingPlace.notes, above);
      const { id: staging, place } = own;
      await beginEpoch(redis, [key], { number, staging, place, isNew: own.isNew ? 1 : 0 });
    }
    throw lostEachTime();
  }

  return {
    key,
    /** As this process last read it. */
    get known(): EpochState {
      return known;
    },
    /**
     * Reads the epoch of the present state of Redis, and begins it if no process has.
     * @throws OtherStaging
     */
    current,
    /**
     * Whether Redis has everything; begins no epoch.
     * @throws OtherStaging
     */
    async isRestored(): Promise<boolean> {
      const found = await read(await readOwnId());
      return found.outcome === 'current' && found.state.isRestored;
    },
    /** How long ago the epoch began, in ms; 0 if it has ended. */
    async age(): Promise<number> {
      const { hasEnded, ageMs } = await readStored();
      return hasEnded ? 0 : ageMs;
    },
    /** The time by the clock of the Redis node that has our keys, in ms. */
    time: async () => (await readStored()).timeMs,

    /**
     * Runs a script that changes state with the number of the epoch. After a loss of Redis it runs the script again in the next
     * epoch: the versions that the script compares are those of the epoch in which they were read.
     * @param inEpoch the only one in which the change may be made
     * @throws EpochEnded if this epoch has ended
     */
    async run<Result extends number>(
      script: (epoch: number) => Promise<Result>,
      inEpoch?: number,
    ): Promise<Exclude<Result, -1>> {
      for (let tries = 0; tries < MAX_LOSSES; tries++) {
        const result = await script(inEpoch ?? known.number);
        if (result !== LOST) return result as Exclude<Result, -1>;
        const { number } = await current();
        if (inEpoch !== undefined && inEpoch !== number) throw new EpochEnded();
      }
      throw lostEachTime();
    },

    /** The right to restore, which one process has at a time; null while another one has it. A process that dies loses it. */
    async tryRestore() {
      const token = randomUUID();
      const change = (expected: string | undefined, value: string | undefined) =>
        changeLock(redis, [keys.restoring], { expected, value, ttlMs: LOCK_MS });
      if ((await change(undefined, token)) === 0) return null;
      const renewing = setInterval(() => void change(token, token).catch(() => {}), LOCK_MS / 3);
      return {
        /** Notes that all outcomes of the last day are restored: new Idempotency-Keys may be claimed. No effect if the epoch has ended. */
        async openClaims(epoch: number): Promise<void> {
          await endRestore(redis, [key], { epoch, phases: ['claims'] });
        },
        /** Notes that everything is restored; no effect if the epoch has ended. */
        async end(epoch: number): Promise<void> {
          const phases = ['claims', 'restored'];
          const isNoted = (await endRestore(redis, [key], { epoch, phases })) === 1;
          if (isNoted) known = { number: epoch, isRestored: true };
        },
        async [Symbol.asyncDispose](): Promise<void> {
          clearInterval(renewing);
          // It expires if Redis does not respond.
          await change(token, undefined).catch(() => {});
        },
      };
    },
  };
}

export type Epoch = ReturnType<typeof openEpoch>;

/**
 * Refuses to start with another staging than that of the installation. While Redis is away, each change checks it later.
 * @throws OtherStaging
 */
export async function checkStaging(redis: RedisConnection, epoch: Pick<Epoch, 'isRestored'>): Promise<void> {
  if (redis.status !== 'ready') return;
  await epoch.isRestored().catch((error) => {
    if (error instanceof OtherStaging) throw error;
  });
}

/** Makes Redis belong to this staging from now on. Processes that see another one change nothing any more. */
export async function adoptStaging(
  redis: RedisConnection,
  prefix: string,
  place: StagingPlace,
): Promise<StagingId> {
  const own = await readStagingId(place);
  const { epoch } = recordKeys(prefix);
  await redis
    .multi()
    .hset(epoch, { staging: own.id, place: own.place })
    .hdel(epoch, 'runId', 'newUntil')
    .exec();
  return own;
}
