import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isoTime, nowMs } from '../../runtime/clock.js';
import { isTemporary, writeDurably } from '../files/durable.js';
import { namesIn, readIfThere, removeFile } from '../files/optional-file.js';

/** The valid secrets of an endpoint. */
export interface Secrets {
  /** The newest. */
  secret: string;
  /** Those before it, newest first, until they end. */
  previous: { secret: string; endsAt: string }[];
}

export interface SecretHolder {
  owner: string;
  id: string;
  /** The first secret. */
  secret: string;
  createdAt: string;
}

const SECRET_BYTES = 32;
/** Longer than the release of a receiver takes. */
const OVERLAP_MS = 24 * 3600_000;

/** A secret as in Standard Webhooks 1.0. */
export const newSecret = () => `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;

/**
 * The secrets that rotations made: a file each, named after its time, so that rotations at the same time lose none.
 * @param folderOf of an endpoint; it may not exist
 */
export function openSecrets(folderOf: (owner: string, id: string) => string) {
  async function later({ owner, id }: Pick<SecretHolder, 'owner' | 'id'>) {
    const folder = folderOf(owner, id);
    const names = (await namesIn(folder)).filter((name) => !isTemporary(name)).toSorted();
    const files = names.map(async (name) => {
      const path = join(folder, name);
      return { path, since: Number(name.split('-')[0]), secret: await readIfThere(path) };
    });
    return (await Promise.all(files)).filter(
      (file): file is typeof file & { secret: string } => file.secret !== null,
    );
  }

  return {
    async of(endpoint: SecretHolder): Promise<Secrets> {
      const all = [
        { secret: endpoint.secret, since: Date.parse(endpoint.createdAt) },
        ...(await later(endpoint)),
      ];
      const previous = all.slice(0, -1).flatMap(({ secret }, i) => {
        const endsAt = (all[i + 1]?.since ?? 0) + OVERLAP_MS;
        return endsAt > nowMs() ? [{ secret, endsAt: isoTime(endsAt) }] : [];
      });
      return { secret: all.at(-1)?.secret ?? endpoint.secret, previous: previous.toReversed() };
    },

    /** Adds the newest secret, and removes those that have ended. */
    async add(endpoint: Pick<SecretHolder, 'owner' | 'id'>, secret: string): Promise<void> {
      const name = `${nowMs()}-${randomBytes(4).toString('hex')}`;
      await writeDurably(join(folderOf(endpoint.owner, endpoint.id), name), secret);
      const all = await later(endpoint);
      for (const [i, { path }] of all.slice(0, -1).entries())
        if ((all[i + 1]?.since ?? 0) + OVERLAP_MS <= nowMs()) await removeFile(path);
    },

    remove: ({ owner, id }: Pick<SecretHolder, 'owner' | 'id'>) =>
      rm(folderOf(owner, id), { recursive: true, force: true }),
  };
}
