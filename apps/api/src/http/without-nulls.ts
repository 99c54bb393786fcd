/**
 * A JSON object without its null members of these names: many clients send null for each option that they do not set.
 * Other values, and unknown members, stay for the schema.
 */
export function withoutNulls(value: unknown, names: readonly string[]): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const members = Object.entries(value);
  const kept = members.filter(([name, member]) => member !== null || !names.includes(name));
  return kept.length === members.length ? value : Object.fromEntries(kept);
}
