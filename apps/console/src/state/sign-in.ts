import { PixdockApiError } from '@pixdock/client';
import type { Scope } from '@pixdock/contract/scope';
import { signal } from '@preact/signals';
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

/** Whether the page was opened with a link that no longer signs in. */
export const isLinkUsed = signal(false);

/** Exchanges the one-use token in the fragment of the link that `npm start` prints. */
export async function signInByLink(): Promise<void> {
  const [, token] = /^#token=([\w-]+)$/.exec(location.hash) ?? [];
  if (token === undefined) return;
  // Neither the history nor a copied address keeps the token.
  history.replaceState(null, '', location.href.replace(/#.*$/, ''));
  const body = JSON.stringify({ token });
  try {
    const response = await fetch('console/sign-in', { method: 'POST', body });
    const { key } = (await response.json()) as { key?: string };
    if (key === undefined) isLinkUsed.value = true;
    else await signIn(key);
  } catch {
    isLinkUsed.value = true;
  }
}
