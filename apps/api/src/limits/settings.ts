import { meantName } from '@pixdock/contract/similar-name';
import type { SettingsReader } from '@pixdock/shared/runtime/env';
import { readSettingsFile } from '@pixdock/shared/runtime/settings-file';
import { z } from 'zod';
import { say } from '../messages/settings.js';

const MILLION = 1_000_000;
const GIB = 1024 ** 3;
const count = (most: number) => z.int().min(1).max(most);

/**
 * The limits of one owner. The largest values bound the memory in Redis: a lease takes about 100 bytes.
 */
const limitsSchema = z.strictObject({
  postsPerMinute: count(MILLION),
  getsPerMinute: count(MILLION),
  uploads: count(1000),
  waits: count(10_000),
  openBatches: count(10_000),
  itemsPerHour: count(1000 * MILLION),
  waitingImages: count(10 * MILLION),
  heldImages: count(10 * MILLION),
  redisBytes: count(1000 * GIB),
  stagingShare: z.number().gt(0).max(1),
});
export type OwnerLimits = Readonly<z.output<typeof limitsSchema>>;

/** The limits of an owner that LIMITS_FILE does not mention. */
export const DEFAULT_LIMITS: OwnerLimits = {
  // 50 per second: 2 to 3 lanes of our client, which sends an image in about 50 ms.
  postsPerMinute: 3000,
  // 200 per second in each API process.
  getsPerMinute: 12_000,
  // Concurrent bodies: as many as our client sends, 16 × MAX_UPLOAD_BYTES = 320 MiB.
  uploads: 16,
  // A wait takes at most 32 KiB: 2 MiB.
  waits: 64,
  // With MAX_BATCH_ITEMS rows each, ten hours of items.
  openBatches: 20,
  // Two batches of MAX_BATCH_ITEMS.
  itemsPerHour: 200_000,
  // A retry of a batch of MAX_BATCH_ITEMS fits.
  waitingImages: 100_000,
  // A week of work for one person, at 10 s per decision.
  heldImages: 10_000,
  // A million images, at about 3 KB each.
  redisBytes: 3 * GIB,
  stagingShare: 0.5,
};

/** The limits of all owners. */
export interface Limits {
  of(owner: string): OwnerLimits;
}

const partialSchema = limitsSchema.partial();
const fileSchema = z.strictObject({
  default: partialSchema.optional(),
  owners: z.record(z.string(), partialSchema).optional(),
});

/** The limits in LIMITS_FILE of the owners with a key. Reports faults to `read`. */
export function readLimits(read: SettingsReader, keys: readonly { owner: string }[]): Limits {
  const { language } = read;
  const owners = new Set(keys.map(({ owner }) => owner));
  const file = readSettingsFile(read, 'LIMITS_FILE', fileSchema, say(language, 'limits-file.fix')) ?? {};
  for (const owner of Object.keys(file.owners ?? {}))
    if (!owners.has(owner)) {
      const problem = say(language, 'owner-without-key', { owner, meant: meantName(owner, [...owners]) });
      read.fault('LIMITS_FILE', problem, say(language, 'owner-without-key.fix'));
    }
  const defaults = { ...DEFAULT_LIMITS, ...defined(file.default) };
  const own = new Map(
    Object.entries(file.owners ?? {}).map(([owner, limits]) => [owner, { ...defaults, ...defined(limits) }]),
  );
  return { of: (owner) => own.get(owner) ?? defaults };
}

/** Omits undefined members, which would replace the defaults. */
function defined(limits: z.output<typeof partialSchema> | undefined): Partial<OwnerLimits> {
  return Object.fromEntries(Object.entries(limits ?? {}).filter(([, value]) => value !== undefined));
}
