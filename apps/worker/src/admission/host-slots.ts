import { endpointOf } from '../fetch/endpoint.js';
import { openTurns } from './stagger-retries.js';

/** A slot at a host, to be given back by calling `leave`, or when to ask again. */
type HostSlot = { leave: () => void } | { againMs: number };

export interface HostSlots {
  /** A slot at the URL's host and port, while there is one. */
  take(url: string): HostSlot;
}

interface Host {
  taken: number;
  turn: () => number;
}

/** Keeps a slow host to itself: it delays only the items that name it. */
export function openHostSlots(perHost: number): HostSlots {
  const hosts = new Map<string, Host>();
  return {
    take(url) {
      const { key } = endpointOf(new URL(url));
      const host = hosts.get(key) ?? { taken: 0, turn: openTurns() };
      if (host.taken >= perHost) return { againMs: host.turn() };
      host.taken++;
      hosts.set(key, host);
      let held = true;
      return {
        leave() {
          if (held) host.taken--;
          held = false;
          if (host.taken === 0) hosts.delete(key);
        },
      };
    },
  };
}
