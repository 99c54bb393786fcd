import { Pixdock, PixdockApiError } from '@pixdock/client';
import { computed, signal } from '@preact/signals';
import { language } from './preferences.js';

const KEY = 'pixdock.key';

/** The key of the signed-in person; it ends with the tab. */
export const apiKey = signal<string | null>(null);
/** Whether the key has the scope `admin`. */
export const isOperator = signal(false);

/** The root of the server, which may be below a path of a proxy. */
export const baseUrl = () => new URL('.', location.href.replace(/[?#].*$/, '')).href;

export const client = computed(() =>
  apiKey.value === null
    ? null
    : new Pixdock({ baseUrl: baseUrl(), apiKey: apiKey.value, language: language.value }),
);

/** The client of a view behind the sign-in. */
export function currentClient(): Pixdock {
  if (client.value === null) throw new Error('Not signed in');
  return client.value;
}

/** Continues the session of this tab. */
export async function restoreSession(): Promise<void> {
  const kept = sessionStorage.getItem(KEY);
  if (kept === null || apiKey.value !== null) return;
  apiKey.value = kept;
  await findRights(kept);
}

/** Signs in with a key. @throws PixdockApiError if the server does not accept the key */
export async function signIn(key: string): Promise<void> {
  const trial = new Pixdock({ baseUrl: baseUrl(), apiKey: key, language: language.value, retries: 0 });
  try {
    await trial.images.list().next();
  } catch (error) {
    // A key without the scope `read` can still upload.
    if (!(error instanceof PixdockApiError && error.code === 'forbidden')) throw error;
  }
  await findRights(key);
  sessionStorage.setItem(KEY, key);
  apiKey.value = key;
}

export function signOut(): void {
  sessionStorage.removeItem(KEY);
  apiKey.value = null;
  isOperator.value = false;
}

/** `/metrics` is the only route that just operators may read. */
async function findRights(key: string): Promise<void> {
  const response = await fetch('metrics', { headers: { Authorization: `Bearer ${key}` } }).catch(() => null);
  isOperator.value = response?.ok === true;
}
