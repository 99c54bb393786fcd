import { PixdockApiError } from '@pixdock/client';
import type { Scope } from '@pixdock/contract/scope';
import { ask } from './request.js';
import { apiKey, beginSession, clientWith, keptSession, signOut } from './session.js';

/** Continues the session of this tab with the scopes that its key had, until the server names those that it has now. */
export async function restoreSession(): Promise<void> {
  const kept = keptSession();
  if (kept === null || apiKey.value !== null) return;
  beginSession(kept.key, kept.scopes);
  try {
    beginSession(kept.key, await readScopes(kept.key));
  } catch (error) {
    if (error instanceof PixdockApiError && error.code === 'unauthorized') signOut();
  }
}

/** Signs in with a key. @throws PixdockApiError if the server does not accept the key */
export async function signIn(key: string): Promise<void> {
  beginSession(key, await readScopes(key));
}

async function readScopes(key: string): Promise<readonly Scope[]> {
  clientWith(key);
  const response = await ask('console/scopes', AbortSignal.timeout(LATE_MS), key);
  const { scopes } = (await response.json()) as { scopes: Scope[] };
  return scopes;
}

const LATE_MS = 30_000;
