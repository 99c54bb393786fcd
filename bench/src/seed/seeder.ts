import { mkdir, writeFile } from 'node:fs/promises';
import { openQueue } from '@pixdock/shared/queue/queue';
import { inGroups } from '@pixdock/shared/runtime/in-groups';
import { connectRedis } from '@pixdock/shared/runtime/redis';
import type { ImageRecord } from '@pixdock/shared/state/images/image-record';
import { openRecords } from '@pixdock/shared/state/images/records';
import { runOf } from '@pixdock/shared/state/images/run-of';
import { openPause } from '@pixdock/shared/state/pause';
import { testRecord } from '@pixdock/shared/testing/record';
import { openTestStaging } from '@pixdock/shared/testing/staging';
import { SMALL_PICTURE } from '../api/small-picture.js';
import { openOutcomeWriter } from './outcomes.js';
import { PREFIX } from './prefix.js';

export interface Seeder extends AsyncDisposable {
  /** Adds images that wait for a worker, with their records, jobs and files. @returns the first ids */
  addWaiting(count: number): Promise<string[]>;
  /** Adds published images, and a failed one for every fiftieth, with their records and outcomes. @returns the first ids */
  addFinal(count: number): Promise<string[]>;
  /** Keeps workers from processing images. */
  pause(): Promise<void>;
}

/** Every so many final images one has failed. */
const FAILED_EVERY = 50;
const RETURNED = 100;
const SAY_EVERY = 100_000;

/** Adds images to Redis and staging by the functions of the services, without requests. */
export async function openSeeder(
  { redisUrl, dataDir, owner }: { redisUrl: string; dataDir: string; owner: string },
  nextRecord: () => string,
  say: (line: string) => void,
): Promise<Seeder> {
  const connection = connectRedis({ url: redisUrl, prefix: PREFIX }, 'patient', () => {});
  const records = openRecords(connection, PREFIX);
  const queue = openQueue(connection, PREFIX);
  const { layout, notes } = await openTestStaging(dataDir);
  const writeOutcome = openOutcomeWriter(layout);

  async function addEach(count: number, add: (place: number) => Promise<string>): Promise<string[]> {
    const ids: string[] = [];
    await inGroups(places(count), async (place) => {
      const id = await add(place);
      if (ids.length < RETURNED) ids.push(id);
      if ((place + 1) % SAY_EVERY === 0) say(`${place + 1} of ${count} images are added`);
    });
    return ids;
  }

  return {
    addWaiting: (count) =>
      addEach(count, async () => {
        const { body } = SMALL_PICTURE;
        const record = testRecord({ owner });
        const staged = { ...record, source: { ...record.source, bytes: body.length } };
        await mkdir(layout.image(record.id), { recursive: true, mode: 0o700 });
        await writeFile(layout.source(record.id), body, { mode: 0o600 });
        const submission = { record: staged, origin: null, idempotency: null };
        await writeFile(layout.submission(record.id), JSON.stringify(submission), { mode: 0o600 });
        await records.create(staged);
        await queue.enqueue(runOf(staged));
        return record.id;
      }),

    addFinal: (count) =>
      addEach(count, async (place) => {
        const isFailed = place % FAILED_EVERY === FAILED_EVERY - 1;
        const text = isFailed ? JSON.stringify(testRecord({ owner, status: 'failed' })) : nextRecord();
        writeOutcome(text);
        const record: ImageRecord = JSON.parse(text);
        await records.create(record);
        return record.id;
      }),

    async pause() {
      await openPause(connection, PREFIX, notes, queue).begin();
    },

    async [Symbol.asyncDispose]() {
      await queue.close();
      connection.disconnect();
    },
  };
}

function* places(count: number): Generator<number> {
  for (let place = 0; place < count; place++) yield place;
}
