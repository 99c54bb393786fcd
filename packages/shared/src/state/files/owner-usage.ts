/** Bytes of staging that each owner uses, as far as this process knows. */
export function openOwnerUsage() {
  let counted: ReadonlyMap<string, number> = new Map();
  let stored = new Map<string, number>();
  const reserved = new Map<string, number>();
  return {
    /** Bytes of the last count, bytes stored since then, and bytes reserved for uploads in progress. */
    bytes: (owner: string): number =>
      (counted.get(owner) ?? 0) + (stored.get(owner) ?? 0) + (reserved.get(owner) ?? 0),
    /** Adds bytes that an upload in progress may store; a negative number removes them. */
    reserve: (owner: string, bytes: number) => add(reserved, owner, bytes),
    /** Adds bytes that an upload stored. */
    store: (owner: string, bytes: number) => add(stored, owner, bytes),
    /** Begins a count. The returned function takes the result, and adds the bytes stored in the meantime. */
    beginCount(): (counted: ReadonlyMap<string, number>) => void {
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

export type OwnerUsage = ReturnType<typeof openOwnerUsage>;

function add(sums: Map<string, number>, owner: string, bytes: number): void {
  const sum = (sums.get(owner) ?? 0) + bytes;
  if (sum === 0) sums.delete(owner);
  else sums.set(owner, sum);
}
