import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Language } from '@pixdock/contract/messages/text';
import { SCOPES } from '@pixdock/contract/scope';
import { writeDurably, writeWhole } from '../files/durable.js';
import { readIfThere } from '../files/optional-file.js';
import { addKey, generateKey, readKeyFile } from './key-file.js';
import { hashKey, stateOf } from './stored-key.js';

/**
 * The API key of a data folder whose services all run on one machine, in its file `api-key`. Generates it if the file is
 * missing, or if the key file says that the key has expired or is revoked. It has all scopes.
 * @throws KeyFileFault · KeyFileLocked
 */
export async function localKey(dataDir: string, language: Language): Promise<string> {
  const [path, keyFile] = [join(dataDir, 'api-key'), join(dataDir, 'keys.json')];
  const kept = ((await readIfThere(path)) ?? '').trim();
  const stored = (await readKeyFile(keyFile, language)).find(({ hash }) => hash === hashKey(kept));
  if (stored !== undefined && stateOf(stored) === 'active') return kept;
  const key = stored === undefined && /^pxd_[\w-]{43}$/.test(kept) ? kept : generateKey();
  await writeWhole(path, `${key}\n`);
  await addKey(keyFile, key, { owner: 'local', scopes: SCOPES, expiresAt: null }, language);
  return key;
}

/**
 * METADATA_KEY of such a data folder: its file `metadata-key`, generated if it is missing. Published objects outlive a power
 * failure, so the file is synced.
 */
export async function localMetadataKey(dataDir: string): Promise<string> {
  const path = join(dataDir, 'metadata-key');
  if ((await readIfThere(path)) === null) await writeDurably(path, `k1:${randomBytes(32).toString('hex')}\n`);
  return `@${path}`;
}
