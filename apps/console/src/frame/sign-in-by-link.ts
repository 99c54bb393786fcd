import { signal } from '@preact/signals';
import { signIn } from '../state/sign-in.js';

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
