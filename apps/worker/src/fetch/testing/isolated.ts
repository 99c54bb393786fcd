import { openSourceClient } from '../client.js';
import type { ConnectTarget, SourceOutcome } from '../types.js';
import { refused } from './fetching.js';

/** Of the public Internet. */
export const PUBLIC = '93.184.216.34';

/** A client that can reach nothing: names resolve from `names`, connections only noted. */
export function isolated(names: Record<string, string[]> = {}, allow: string[] = []) {
  const targets: ConnectTarget[] = [];
  const resolved: string[] = [];
  const client = openSourceClient(
    { allow: new Set(allow), ports: new Set([80, 443]) },
    {
      resolve: async (name) => {
        resolved.push(name);
        return names[name] ?? [];
      },
      connect: async (target) => {
        targets.push(target);
        throw refused();
      },
    },
  );
  const fetch = (url: string): Promise<SourceOutcome> =>
    client.fetch({ url, headers: {}, maxBytes: 10 }, async () => {}, new AbortController().signal);
  return { fetch, targets, resolved };
}
