import { lookup, Resolver } from 'node:dns/promises';
import type { Resolve } from './types.js';

/** No records in this address family; the other family may have some. */
const NO_RECORDS = 'ENODATA';

/**
 * Asks DNS only. The hosts file and search lists know internal names, and slow getaddrinfo calls would occupy the few threads
 * that write files. Names in SOURCE_ALLOW may be in the hosts file.
 */
export function openResolver(servers?: readonly string[]): Resolve {
  return async (name, exempt, signal) => {
    if (exempt) return (await lookup(name, { all: true })).map((entry) => entry.address);
    const resolver = new Resolver({ timeout: 2000, tries: 2 });
    if (servers !== undefined) resolver.setServers(servers);
    const cancel = () => resolver.cancel();
    signal.addEventListener('abort', cancel, { once: true });
    const families = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
    signal.removeEventListener('abort', cancel);
    return joined(families);
  };
}

function joined(families: readonly PromiseSettledResult<string[]>[]): string[] {
  const answers = families.flatMap((family) => (family.status === 'fulfilled' ? family.value : []));
  if (answers.length > 0) return answers;
  const faults = families.flatMap((family) =>
    family.status === 'rejected' ? [family.reason as unknown] : [],
  );
  const isInformative = (fault: unknown) =>
    fault instanceof Error && 'code' in fault && fault.code !== NO_RECORDS;
  throw faults.find(isInformative) ?? faults[0];
}
