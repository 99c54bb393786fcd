import type { Logger } from '@pixdock/shared/runtime/log';
import type { StagingLayout } from '@pixdock/shared/state/files/layout';
import { openOutcomeBytes } from '@pixdock/shared/state/files/outcome-bytes';
import { openReservations } from '@pixdock/shared/state/files/reservations';
import { bytesStaged } from '@pixdock/shared/state/files/walk';
import type { WorkerConfig } from './config.js';

/** Of staging, for what images under way take when more is added to it; the other part is left to uploads. */
const UNDER_WAY_SHARE = 0.5;
/** Whoever is refused asks again within a minute. */
const QUIET_MS = 90_000;

export interface Room {
  /** Sets `bytes` aside; the returned function says how many came in the end. Null while there is no room. */
  take(bytes: number): Promise<((came: number) => void) | null>;
}

type Limits = Pick<WorkerConfig, 'stagingMaxBytes' | 'maxUploadBytes' | 'lanes'>;

/**
 * Bounds what workers add to staging by what images under way take of it, since that goes as these are published. What is
 * kept for longer lessens the room, but never to nothing: a batch keeps its files until all its items have been fetched.
 */
export async function openRoom(
  layout: StagingLayout,
  { stagingMaxBytes, maxUploadBytes, lanes }: Limits,
  log: Logger,
): Promise<Room> {
  const most = stagingMaxBytes * UNDER_WAY_SHARE;
  // A source for each lane.
  const least = lanes * maxUploadBytes;
  let last = { underWay: 0, kept: 0 };
  const outcomes = openOutcomeBytes(layout);
  const reservations = openReservations(async () => {
    const { underWay, kept } = await bytesStaged(layout);
    last = { underWay, kept: kept + (await outcomes.read()) };
    const left = stagingMaxBytes - last.kept;
    return { takenBytes: last.underWay, limitBytes: Math.min(most, Math.max(least, left)) };
  });
  await reservations.refresh();

  let quiet: NodeJS.Timeout | null = null;
  function tellWanting(): void {
    if (quiet !== null) return void quiet.refresh();
    log.warn({ ...last, stagingMaxBytes }, 'staging has no room for more');
    quiet = setTimeout(() => {
      quiet = null;
      log.info('staging has room again');
    }, QUIET_MS).unref();
  }

  return {
    async take(bytes) {
      const taken = await reservations.take(Math.min(bytes, most));
      if (taken === null) tellWanting();
      return taken?.release ?? null;
    },
  };
}
