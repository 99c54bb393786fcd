/** All items in their order, from a random one on: who ends early does not always leave out the same ones. */
export function fromRandom<T>(items: readonly T[]): T[] {
  const first = Math.floor(Math.random() * items.length);
  return [...items.slice(first), ...items.slice(0, first)];
}
