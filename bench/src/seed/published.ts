import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { connectRedis } from '@pixdock/shared/runtime/redis';
import type { ImageRecord } from '@pixdock/shared/state/images/image-record';
import { openRecords } from '@pixdock/shared/state/images/records';
import { makePictures } from '../landing/pictures.js';
import { clientOf, startPixdock } from '../landing/sides/pixdock.js';
import { startSink } from '../landing/sink.js';
import { PREFIX } from './prefix.js';

/** Size of the picture; the record has the same length for any. */
const SCALE = 0.1;

/** Publishes an image. @returns a function that makes records like its own, as JSON, each with another id */
export async function publishOne(parent: string): Promise<() => string> {
  const folder = join(parent, 'published');
  await mkdir(folder);
  const sink = await startSink();
  const installation = await startPixdock({ folder, sink, lanes: 1 });
  const { apis, workers, redis } = installation;
  const connection = connectRedis({ url: redis.url, prefix: PREFIX }, 'patient', () => {});
  try {
    const [picture] = await makePictures(folder, 1, SCALE);
    if (picture === undefined) throw new TypeError('there is a picture');
    const client = clientOf(installation, { isForm: false, profile: 'default' });
    const { id } = await client.submit(picture);
    await client.untilPublished(id);
    const record = await openRecords(connection, PREFIX).get(id);
    if (record === null) throw new TypeError('a published image has a record');
    return copier(record);
  } finally {
    connection.disconnect();
    await Promise.all([...apis, ...workers].map((service) => service.stop()));
    await redis.stop();
    await sink.stop();
  }
}

/** Between two copies, as many as a busy installation publishes. */
const APART_MS = 50;

/** The copies differ in what identifies an image and its source, and each is older than the one before. */
function copier(record: ImageRecord): () => string {
  const { id, createdAt, source } = record;
  const hex = id.slice('img_'.length);
  const text = JSON.stringify(record);
  let createdMs = Date.parse(createdAt);
  return () => {
    const other = randomBytes(16).toString('hex');
    createdMs -= APART_MS;
    return text
      .replaceAll(hex, other)
      .replaceAll(source.sha256 ?? '', other + other)
      .replaceAll(createdAt, new Date(createdMs).toISOString());
  };
}
