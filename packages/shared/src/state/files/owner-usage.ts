/** Bytes of staging that each owner uses, as far as this process knows. */
export interface OwnerUsage {
  /** Bytes of the last count, bytes stored since then, and bytes reserved for uploads in progress. */
  bytes(owner: string): number;
  /** Adds bytes that an upload in progress may store; a negative number removes them. */
  reserve(owner: string, bytes: number): void;
  /** Adds bytes that an upload stored. */
  store(owner: string, bytes: number): void;
  /** Begins a count. The returned function takes the result, and adds the bytes stored in the meantime. */
  beginCount(): (counted: ReadonlyMap<string, number>) => void;
}

export function openOwnerUsage(): OwnerUsage {
  let counted: ReadonlyMap<string, number> = new Map();
  let stored = new Map<string, number>();
  const reserved = new Map<string, number>();
  return {
    bytes: (owner) => (counted.get(owner) ?? 0) + (stored.get(owner) ?? 0) + (reserved.get(owner) ?? 0),
    reserve: (owner, bytes) => add(reserved, owner, bytes),
    store: (owner, bytes) => add(stored, owner, bytes),
    beginCount() {
      const before = new Map(stored);
      return (result) => {
        counted = result;
        const since = stored;
        stored = new Map();
        for (const [owner, bytes] of since) add(stored, owner, bytes - (before.get(owner) ?? 0));
      };
    },
  };
}

function add(sums: Map<string, number>, owner: string, bytes: number): void {
  const sum = (sums.get(owner) ?? 0) + bytes;
  if (sum === 0) sums.delete(owner);
  else sums.set(owner, sum);
}
