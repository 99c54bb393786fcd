import { isoTime, nowMs, sleep } from '@pixdock/shared/runtime/clock';
import { inGroups } from '@pixdock/shared/runtime/in-groups';
import { restoreRecord } from '@pixdock/shared/state/images/restored-record';
import { readMain } from '../main-object.js';
import { say } from '../messages/recover.js';
import { listBelow, parseKey } from '../object-sets.js';
import { readOption } from '../read-option.js';
import { type Context, EXIT, type ExitCode } from '../run-command.js';
import { openServices, type Services } from '../services.js';

interface RecoverOptions {
  ndjson?: boolean | undefined;
  dryRun?: boolean | undefined;
  rate?: string | undefined;
}

/** Half of the OSS limit for sequential keys (2,000 requests per second); the rest is for the services. */
const DEFAULT_RATE = 1000;
/** Objects between two progress reports. */
const PROGRESS_EVERY = 10_000;

/**
 * `pixdock-ops recover`: creates a record for every published image in the bucket that has none. It never changes an existing
 * record, so it can be stopped and run again, even while the services run.
 */
export async function recover(
  context: Context,
  { ndjson = false, dryRun = false, rate }: RecoverOptions,
): Promise<ExitCode> {
  const { output, language } = context;
  const perSecond = readOption('--rate', rate, (read) =>
    read.integer('--rate', DEFAULT_RATE, { min: 1, max: 10_000 }),
  );
  await using services = await openServices(context);
  const { store, config, images } = services;
  const pace = createPace(perSecond);
  const { number: epoch } = await services.epoch.current();
  const counts = { objects: 0, recovered: 0, existing: 0, staged: 0, foreign: 0 };
  /** Images sealed with a key that METADATA_KEY lacks, by the id of the key, with the object of one of them. */
  const sealed = new Map<string, { images: number; example: string }>();
  const print = () => output.err(say(language, 'recovered', { dryRun, ...counts }));

  async function recoverOne(key: string): Promise<void> {
    await pace();
    const main = await readMain(services, key);
    if (main.outcome === 'foreign') {
      counts.foreign++;
      return;
    }
    if (main.outcome === 'sealed') {
      const { images: before, example } = sealed.get(main.keyId) ?? { images: 0, example: key };
      sealed.set(main.keyId, { images: before + 1, example });
      return;
    }
    const record = {
      ...restoreRecord(main.image, epoch),
      expiresAt: isoTime(nowMs() + config.retentionMs),
    };
    if (!dryRun && !(await images.create(record))) {
      counts.existing++;
      return;
    }
    counts.recovered++;
    const { id, owner, externalId, batchId, row, url } = record;
    if (ndjson) output.out(JSON.stringify({ id, owner, externalId, batchId, row, url }));
  }

  for (const prefix of config.store.prefixes) {
    await inGroups(listBelow(store, prefix, config.store.prefixes), async ({ key }) => {
      if (++counts.objects % PROGRESS_EVERY === 0) print();
      const parsed = parseKey(prefix, key);
      if (parsed === null) counts.foreign++;
      if (parsed?.variant !== 'main') return;
      if ((await images.inRedis(parsed.id)) !== null) counts.existing++;
      else if (await isStaged(services, parsed.id)) counts.staged++;
      else await recoverOne(key);
    });
  }
  print();
  for (const [keyId, some] of sealed) output.err(say(language, 'sealed', { keyId, ...some }));
  return sealed.size === 0 ? EXIT.ok : EXIT.fault;
}

/** Whether the API restores the image, or its deletion, from staging. */
async function isStaged({ staging }: Services, id: string): Promise<boolean> {
  return (await staging.entry(id)) !== null || staging.has(id, 'deletion');
}

/** Spaces calls evenly, at most `perSecond` per second. */
function createPace(perSecond: number): () => Promise<void> {
  const stepMs = 1000 / perSecond;
  let nextAt = performance.now();
  return async () => {
    const now = performance.now();
    nextAt = Math.max(nextAt, now);
    const waitMs = nextAt - now;
    nextAt += stepMs;
    if (waitMs >= 1) await sleep(waitMs);
  };
}
