import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Scope } from '@pixdock/contract/scope';
import { addKey } from '@pixdock/shared/state/keys/key-file';
import { type Reviewer, SECRET, startReviewer } from '../review/reviewer.js';

/** A key of API_KEYS_FILE. */
export interface FileKey {
  key: string;
  owner: string;
  scopes: readonly Scope[];
}

export interface ReviewParts {
  reviewer: Reviewer;
  /** Settings of services with the profiles, the keys and the reviewer. */
  settings: Record<string, string>;
  stop(): Promise<void>;
}

/**
 * Starts a reviewer, and writes the profiles and keys of services that ask it.
 * @param receivers further private targets of webhooks
 * @param address of the reviewer; by default 127.0.0.1
 */
export async function openReviewParts(
  profiles: object,
  keys: readonly FileKey[],
  receivers: readonly string[] = [],
  address?: string,
): Promise<ReviewParts> {
  const folder = await mkdtemp(join(tmpdir(), 'pixdock-review-'));
  const reviewer = await startReviewer(address);
  const files = { profiles: join(folder, 'profiles.json'), keys: join(folder, 'keys.json') };
  await writeFile(files.profiles, JSON.stringify(profiles));
  for (const { key, ...facts } of keys) await addKey(files.keys, key, { ...facts, expiresAt: null });
  return {
    reviewer,
    settings: {
      PROFILES_FILE: files.profiles,
      API_KEYS_FILE: files.keys,
      REVIEW_HTTP_URL: reviewer.url,
      REVIEW_HTTP_SECRET: SECRET,
      WEBHOOK_ALLOW: [reviewer.host, ...receivers].join(),
    },
    async stop() {
      await reviewer.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
