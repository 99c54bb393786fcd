import { join } from 'node:path';
import { ENDPOINT_ID, WEBHOOK_EVENTS } from '@pixdock/contract/webhook';
import { z } from 'zod';
import { isoTime } from '../../runtime/clock.js';
import { addDurably, writeDurably } from '../files/durable.js';
import type { StagingLayout } from '../files/layout.js';
import { namesIn, readIfThere, removeFile } from '../files/optional-file.js';
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

/** The files of webhook endpoints in staging: for each its description, later secrets, and a note if it is disabled. */
export function openEndpointFiles(layout: StagingLayout) {
  const fileOf = (owner: string, id: string) => join(layout.endpointsOf(owner), `${id}.json`);
  const noteOf = (owner: string, id: string) => join(layout.endpointsOf(owner), `${id}.disabled`);
  const secrets = openSecrets((owner, id) => join(layout.endpointsOf(owner), `${id}.secrets`));

  async function find(owner: string, id: string): Promise<Endpoint | null> {
    if (!ENDPOINT_ID.test(id)) return null;
    const text = await readIfThere(fileOf(owner, id));
    if (text === null) return null;
    const disabledAt = await readIfThere(noteOf(owner, id));
    const file = fileSchema.parse(JSON.parse(text));
    return { ...file, ...(await secrets.of(file)), disabledAt };
  }

  return {
    secrets,
    find,
    async list(owner: string): Promise<Endpoint[]> {
      const found = await Promise.all((await idsIn(layout.endpointsOf(owner))).map((id) => find(owner, id)));
      return found
        .filter((endpoint) => endpoint !== null)
        .toSorted((a, b) => a.createdAt.localeCompare(b.createdAt));
    },
    count: async (owner: string) => (await idsIn(layout.endpointsOf(owner))).length,
    write: (file: EndpointFile) => writeDurably(fileOf(file.owner, file.id), JSON.stringify(file)),
    remove: (owner: string, id: string) => removeFile(fileOf(owner, id)),
    noteDisabled: (owner: string, id: string) => addDurably(noteOf(owner, id), isoTime()),
    removeNote: (owner: string, id: string) => removeFile(noteOf(owner, id)),
    /** The endpoints of all owners that are not disabled. */
    async *enabled(): AsyncGenerator<EndpointFile> {
      for (const folder of await namesIn(layout.webhooks))
        for (const id of await idsIn(join(layout.webhooks, folder))) {
          const text = await readIfThere(join(layout.webhooks, folder, `${id}.json`));
          const isDisabled = (await readIfThere(join(layout.webhooks, folder, `${id}.disabled`))) !== null;
          if (text !== null && !isDisabled) yield fileSchema.parse(JSON.parse(text));
        }
    },
  };
}

async function idsIn(folder: string): Promise<string[]> {
  const names = await namesIn(folder);
  return names.filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -'.json'.length));
}
