import { createHash } from 'node:crypto';
import { ENDPOINT_ID, WEBHOOK_EVENTS } from '@pixdock/contract/webhook';
import { z } from 'zod';
import { isoTime } from '../../runtime/clock.js';
import type { Notes } from '../notes.js';
import { openSecrets, type Secrets } from './secrets.js';

const fileSchema = z.object({
  id: z.string(),
  owner: z.string(),
  url: z.string(),
  events: z.array(z.enum(WEBHOOK_EVENTS)),
  items: z.boolean(),
  secret: z.string(),
  createdAt: z.iso.datetime(),
});

export type EndpointFile = z.output<typeof fileSchema>;

/** An endpoint with its secrets. */
export type Endpoint = EndpointFile & Secrets & { disabledAt: string | null };

const ALL = 'webhooks';
/** The notes of one owner's endpoints. */
export const folderOf = (owner: string) =>
  `${ALL}/${createHash('sha256').update(owner).digest('hex').slice(0, 32)}`;

/** The notes of webhook endpoints in staging: for each its description, later secrets, and a note if it is disabled. */
export function openEndpointFiles(notes: Notes) {
  const nameOf = (owner: string, id: string) => `${folderOf(owner)}/${id}`;
  const secrets = openSecrets(notes, (owner, id) => `${nameOf(owner, id)}.secrets`);

  async function namesIn(folder: string): Promise<string[]> {
    const found: string[] = [];
    for await (const name of notes.list(folder)) if (name.endsWith('.json')) found.push(name.slice(0, -5));
    return found;
  }

  async function read(name: string): Promise<Endpoint | null> {
    const text = await notes.read(`${name}.json`);
    if (text === null) return null;
    const file = fileSchema.parse(JSON.parse(text));
    const disabledAt = await notes.read(`${name}.disabled`);
    return { ...file, ...(await secrets.of(file)), disabledAt };
  }

  return {
    secrets,
    find: async (owner: string, id: string) => (ENDPOINT_ID.test(id) ? read(nameOf(owner, id)) : null),
    async list(owner: string): Promise<Endpoint[]> {
      const found = await Promise.all((await namesIn(folderOf(owner))).map(read));
      return found
        .filter((endpoint) => endpoint !== null)
        .toSorted((a, b) => a.createdAt.localeCompare(b.createdAt));
    },
    count: async (owner: string) => (await namesIn(folderOf(owner))).length,
    write: (file: EndpointFile) => notes.write(`${nameOf(file.owner, file.id)}.json`, JSON.stringify(file)),
    remove: (owner: string, id: string) => notes.remove(`${nameOf(owner, id)}.json`),
    noteDisabled: (owner: string, id: string) => notes.write(`${nameOf(owner, id)}.disabled`, isoTime()),
    removeNote: (owner: string, id: string) => notes.remove(`${nameOf(owner, id)}.disabled`),
    /** The endpoints of all owners that are not disabled. */
    async *enabled(): AsyncGenerator<EndpointFile> {
      for (const name of await namesIn(ALL)) {
        const endpoint = await read(name);
        if (endpoint !== null && endpoint.disabledAt === null) yield endpoint;
      }
    },
  };
}
