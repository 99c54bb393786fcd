import type { ListedProfile } from '@pixdock/client';
import { effect, signal } from '@preact/signals';
import { client, may } from './session.js';

/** The profiles of the server; empty for a key without the scope `read`. */
export const profiles = signal<readonly ListedProfile[]>([]);

/** Reads the profiles when somebody signs in. */
export function followProfiles(): void {
  effect(() => {
    const current = client.value;
    if (current === null || !may('read')) {
      profiles.value = [];
      return;
    }
    const ending = new AbortController();
    void read(current, ending.signal);
    return () => ending.abort();
  });
}

async function read(current: NonNullable<typeof client.value>, ending: AbortSignal): Promise<void> {
  try {
    profiles.value = await current.listProfiles({ signal: ending });
  } catch {
    // The views then ask for the name of a profile.
    if (!ending.aborted) profiles.value = [];
  }
}
