import { randomBytes } from 'node:crypto';
import type { Text } from '@pixdock/contract/messages/text';
import { type ObjectStore, StorageFault } from '@pixdock/object-store/types';
import { inGroups } from '@pixdock/shared/runtime/in-groups';
import { readMain } from '../main-object.js';
import { text } from '../messages/doctor.js';
import { listBelow, parseKey } from '../object-sets.js';
import { Finding } from './finding.js';

/** Images of a sample. One of them is likely among these if they are one in twenty. */
const SAMPLE = 64;
/** Objects listed for it: the first page of OSS, twice. */
const LISTED = 2000;

type Bucket = Parameters<typeof readMain>[0];

/** Looks for images that were sealed with a key that METADATA_KEY lacks. @throws Finding with the ids of such keys */
export async function checkMetadataKeys(bucket: Bucket): Promise<Text> {
  const { prefixes } = bucket.config.store;
  const samples = await Promise.all(prefixes.map((prefix) => takeSample(bucket.store, prefix, prefixes)));
  const sample = samples.flatMap((keys) => keys ?? []);
  if (samples.includes(null)) return text('keys-not-listed');
  const missing = new Set<string>();
  await inGroups(sample, async (key) => {
    const reading = await readMain(bucket, key);
    if (reading.outcome === 'sealed') missing.add(reading.keyId);
  });
  if (missing.size > 0)
    throw new Finding('MetadataKeyMissing', text('verbatim', { value: [...missing].join(', ') }));
  return text('keys-open', { images: sample.length });
}

/** Keys of main objects after a random place: ids are random, so these were published at any time. Null if OSS refuses to list. */
async function takeSample(
  store: ObjectStore,
  prefix: string,
  prefixes: readonly string[],
): Promise<string[] | null> {
  const start = `${prefix}${randomBytes(1).toString('hex')}`;
  const sample: string[] = [];
  let listed = 0;
  try {
    for (const after of [start, null])
      for await (const { key } of listBelow(store, prefix, prefixes, after)) {
        if (parseKey(prefix, key)?.variant === 'main' && !sample.includes(key)) sample.push(key);
        if (sample.length === SAMPLE || ++listed === LISTED) return sample;
      }
  } catch (error) {
    if (error instanceof StorageFault && error.facts.code === 'AccessDenied') return null;
    throw error;
  }
  return sample;
}
