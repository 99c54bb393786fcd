import { openBucketToMove } from '@pixdock/object-store/staging';
import { readStagingSettings } from '@pixdock/object-store/staging-settings';
import { setRedisTime } from '@pixdock/shared/runtime/clock';
import { readSettings } from '@pixdock/shared/runtime/env';
import { readCommonSettings } from '@pixdock/shared/runtime/settings';
import { openEpoch } from '@pixdock/shared/state/epoch';
import { openStagingMove, type StagingMove, TARGETS } from '@pixdock/shared/state/move-staging/move-staging';
import { openLiveWorkers } from '@pixdock/shared/state/service/live-workers';
import { STAGING_ID } from '@pixdock/shared/state/staging-id';
import { say, text } from '../messages/move-staging.js';
import { reachRedis } from '../open-redis.js';
import { CannotRun, type Context, EXIT, type ExitCode } from '../run-command.js';
import { readApi, readApiUrl } from '../status/facts.js';

const REPORT_EVERY_MS = 5000;

/** `pixdock-ops move-staging`: copies staging from the folder of DATA_DIR to the bucket of STAGING_URL, or back, while no service runs. */
export async function moveStaging(
  { environment, output: { err }, language }: Context,
  target: string | undefined,
): Promise<ExitCode> {
  const to = TARGETS.find((known) => known === target);
  if (to === undefined) throw new CannotRun(text('no-target', { to: target }), text('no-target.fix'));
  const { staging, redisSettings, apiUrl } = readSettings(
    environment,
    (read) => {
      const settings = readStagingSettings(read);
      if (settings.kind === 'folder')
        read.fault('STAGING_URL', say(language, 'no-bucket'), say(language, 'no-bucket.fix'));
      return { staging: settings, redisSettings: readCommonSettings(read).redis, apiUrl: readApiUrl(read) };
    },
    language,
  );
  // `readSettings` has thrown.
  if (staging.kind === 'folder') return EXIT.config;
  const redis = await reachRedis(redisSettings);
  try {
    using bucket = await openBucketToMove(staging.bucket);
    const { prefix } = redisSettings;
    const expectStopped = async () => {
      setRedisTime(await openEpoch(redis, prefix).time());
      const workers = await openLiveWorkers(redis, prefix).count();
      const { readiness } = await readApi(apiUrl, false);
      const api = readiness === 'unreachable' ? null : apiUrl;
      if (workers > 0 || api !== null)
        throw new CannotRun(text('services-run', { workers, api }), text('services-run.fix'));
    };
    const move = openStagingMove(to, staging.dataDir, bucket);
    await expectStopped();
    const id = await expectMovable(move);
    err(say(language, 'began', { source: move.source.place, target: move.target.place }));
    const reporting = setInterval(() => err(say(language, 'progress', move.progress)), REPORT_EVERY_MS);
    await move.copy().finally(() => clearInterval(reporting));
    err(say(language, 'progress', move.progress));
    // A service that was started meanwhile may have changed the source.
    await expectStopped();
    await move.copyId();
    err(say(language, 'moved', { target: move.target.place, id }));
    err(say(language, 'next-steps', { to, folder: move.folder }));
    return EXIT.ok;
  } finally {
    setRedisTime(null);
    redis.disconnect();
  }
}

/** Returns the id of the staging. @throws CannotRun if the source has none, or the target has one */
async function expectMovable({ source, target }: StagingMove): Promise<string> {
  const id = await source.notes.read(STAGING_ID);
  if (id === null) throw new CannotRun(text('no-source', source), text('no-source.fix'));
  const present = await target.notes.read(STAGING_ID);
  if (present === null) return id;
  const ends = { id: present, source: source.place, target: target.place };
  if (present === id) throw new CannotRun(text('moved-already', ends), text('moved-already.fix', ends));
  throw new CannotRun(text('other-target', ends), text('other-target.fix'));
}
