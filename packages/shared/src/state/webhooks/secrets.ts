import { randomBytes } from 'node:crypto';
import { isoTime, nowMs } from '../../runtime/clock.js';
import type { Notes } from '../notes.js';

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
 * The secrets that rotations made: a note each, named after its time, so that rotations at the same time lose none.
 * @param folderOf the notes of an endpoint's secrets
 */
export function openSecrets(notes: Notes, folderOf: (owner: string, id: string) => string) {
  async function later({ owner, id }: Pick<SecretHolder, 'owner' | 'id'>) {
    const folder = folderOf(owner, id);
    const found: { name: string; since: number; secret: string }[] = [];
    for await (const name of notes.list(folder)) {
      const since = Number(name.slice(folder.length + 1).split('-')[0]);
      const secret = await notes.read(name);
      if (secret !== null) found.push({ name, since, secret });
    }
    return found.toSorted((a, b) => (a.name < b.name ? -1 : 1));
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
      await notes.write(`${folderOf(endpoint.owner, endpoint.id)}/${name}`, secret);
      const all = await later(endpoint);
      for (const [i, { name: old }] of all.slice(0, -1).entries())
        if ((all[i + 1]?.since ?? 0) + OVERLAP_MS <= nowMs()) await notes.remove(old);
    },

    remove: ({ owner, id }: Pick<SecretHolder, 'owner' | 'id'>) => notes.removeAll(folderOf(owner, id)),
  };
}
