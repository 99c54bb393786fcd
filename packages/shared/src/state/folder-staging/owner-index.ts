import { basename, dirname } from 'node:path/posix';
import { BATCH_ID, UPLOAD_ID } from '@pixdock/contract/ids';
import { ENDPOINT_ID } from '@pixdock/contract/webhook';
import { batchHint, hintOf } from '../batches/item-id.js';
import type { StagedFiles } from '../staged/staged-files.js';
import { batchFiles, stagedNames, uploadFiles } from '../staged/staged-names.js';

/**
 * Ids whose owner is cached between two counts: at about 100 bytes each, 10 MB. An LRU cache would always miss, since a count
 * reads all ids in the same order. The owners of further ids are read from disk at each count.
 */
const MAX_IDS = 100_000;

/** Finds the owner of a file or a folder in staging: of a batch's item by the batch, of everything else by its entry. */
export interface OwnerIndex {
  /** Begins a count. The cache drops ids that the count does not look up. */
  begin(): OwnerLookup;
  /** Caches the owner of a new image or batch, so that the next count need not read it from disk. */
  note(id: string, owner: string): void;
}

export interface OwnerLookup {
  /** @param name of the folder or the file of a resumable upload */
  ofUpload(name: string): Promise<string | null>;
  /** @param name of the folder of a batch, or of the file of a deleted one */
  ofBatch(name: string): Promise<string | null>;
  /** Null if the owner cannot be read. Look up the batches first: items have the owner of their batch. */
  ofImage(id: string): Promise<string | null>;
  /** @param name of one of the files of a webhook endpoint, or of their folder */
  ofEndpoint(name: string): Promise<string | null>;
}

export function openOwnerIndex(files: Pick<StagedFiles, 'read'>): OwnerIndex {
  let known = new Map<string, string>();

  function begin(): OwnerLookup {
    const last = known;
    const next = new Map<string, string>();
    known = next;
    const ofItems = new Map<string, string>();

    async function find(id: string, name: string): Promise<string | null> {
      const owner = next.get(id) ?? last.get(id) ?? ownerOf(await files.read(name).catch(() => null));
      if (owner !== null && next.size < MAX_IDS) next.set(id, owner);
      return owner;
    }

    return {
      async ofBatch(name) {
        const id = name.replace(/\.json$/, '');
        if (!BATCH_ID.test(id)) return null;
        const { entry } = batchFiles(stagedNames.batch(id));
        const owner = (await find(id, entry)) ?? (await find(id, stagedNames.deletedBatch(id)));
        if (owner !== null) ofItems.set(batchHint(id), owner);
        return owner;
      },
      async ofUpload(name) {
        const id = name.replace(/\.json$/, '');
        if (!UPLOAD_ID.test(id)) return null;
        if (name !== id) return find(id, stagedNames.finishedUpload(id));
        const { entry, direct } = uploadFiles(stagedNames.upload(id));
        return (await find(id, entry)) ?? (await find(id, direct));
      },
      async ofEndpoint(name) {
        const [id = ''] = basename(name).split('.', 1);
        return ENDPOINT_ID.test(id) ? find(id, `${dirname(name)}/${id}.json`) : null;
      },
      ofImage: async (id) => ofItems.get(hintOf(id)) ?? (await find(id, stagedNames.submission(id))),
    };
  }

  return {
    begin,
    note(id, owner) {
      if (known.size < MAX_IDS) known.set(id, owner);
    },
  };
}

/** The owner that the submission or the outcome of an image or the entry of a batch or an upload names; null if it cannot be read. */
export function ownerOf(text: string | null): string | null {
  try {
    const value: unknown = text === null ? null : JSON.parse(text);
    if (typeof value !== 'object' || value === null) return null;
    const { owner } =
      'record' in value ? (value.record as { owner?: unknown }) : (value as { owner?: unknown });
    return typeof owner === 'string' ? owner : null;
  } catch {
    return null;
  }
}
