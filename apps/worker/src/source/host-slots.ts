import { endpointOf } from './endpoint.js';

export interface HostSlots {
  /** A slot at the URL's host and port, to be given back by calling it; null when all are in use. */
  take(url: string): (() => void) | null;
}

/** Keeps a slow host to itself: it delays only the items that name it. */
export function openHostSlots(perHost: number): HostSlots {
  const used = new Map<string, number>();
  return {
    take(url) {
      const { key } = endpointOf(new URL(url));
      const taken = used.get(key) ?? 0;
      if (taken >= perHost) return null;
      used.set(key, taken + 1);
      let held = true;
      return () => {
        if (held) giveBack(key);
        held = false;
      };
    },
  };

  function giveBack(key: string): void {
    const left = (used.get(key) ?? 0) - 1;
    if (left > 0) used.set(key, left);
    else used.delete(key);
  }
}
