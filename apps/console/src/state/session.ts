import { Pixdock } from '@pixdock/client';
import { DEFAULT_SCOPES, type Scope } from '@pixdock/contract/scope';
import { batch, computed, signal } from '@preact/signals';
import { language } from './preferences.js';

const KEY = 'pixdock.key';
const SCOPES = 'pixdock.scopes';

/** The key of the signed-in person; it ends with the tab. */
export const apiKey = signal<string | null>(null);
const scopes = signal<readonly Scope[]>([]);

/** Whether the key has a scope: without it, a view asks and offers nothing that needs it. */
export const may = (scope: Scope) => scopes.value.includes(scope);

/** The root of the server, which may be below a path of a proxy. */
export const baseUrl = () => new URL('.', location.href.replace(/[?#].*$/, '')).href;

/** @throws TypeError for a key that no header can carry */
export const clientWith = (key: string) =>
  new Pixdock({ baseUrl: baseUrl(), apiKey: key, language: language.value });

export const client = computed(() => (apiKey.value === null ? null : clientWith(apiKey.value)));

/** The client of a view behind the sign-in. */
export function currentClient(): Pixdock {
  if (client.value === null) throw new Error('Not signed in');
  return client.value;
}

/** The key of this tab before it was loaded again, and the scopes that it had. */
export function keptSession(): { key: string; scopes: readonly Scope[] } | null {
  const key = sessionStorage.getItem(KEY);
  const names = sessionStorage.getItem(SCOPES)?.split(',');
  return key === null ? null : { key, scopes: (names as Scope[] | undefined) ?? DEFAULT_SCOPES };
}

export function beginSession(key: string, names: readonly Scope[]): void {
  sessionStorage.setItem(KEY, key);
  sessionStorage.setItem(SCOPES, names.join(','));
  batch(() => {
    // A change opens the streams again.
    if (names.join() !== scopes.value.join()) scopes.value = names;
    apiKey.value = key;
  });
}

export function signOut(): void {
  for (const name of [KEY, SCOPES]) sessionStorage.removeItem(name);
  apiKey.value = null;
  scopes.value = [];
}
