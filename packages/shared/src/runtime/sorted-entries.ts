/** Equal for equal values, whatever the order of their names. */
export function sortedEntries(values: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(values).toSorted(([a], [b]) => (a < b ? -1 : 1));
}
