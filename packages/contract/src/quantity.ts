/** `20MiB` or `20 MB` → bytes; null when it is not a size. */
export function parseBytes(raw: string): number | null {
  return parseQuantity(raw, SIZE_UNITS);
}

/** How many bytes each unit has, by its name in lower case. */
export const SIZE_UNITS: Record<string, number> = {
  '': 1,
  b: 1,
  k: 1024,
  kb: 1000,
  kib: 1024,
  m: 1024 ** 2,
  mb: 1000 ** 2,
  mib: 1024 ** 2,
  g: 1024 ** 3,
  gb: 1000 ** 3,
  gib: 1024 ** 3,
  tb: 1000 ** 4,
  tib: 1024 ** 4,
};

/** `1.5 GB` in the smallest of `units`; null when it is not a number with one of them. */
export function parseQuantity(raw: string, units: Record<string, number>): number | null {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(raw.trim());
  const unit = match === null ? undefined : units[(match[2] ?? '').toLowerCase()];
  return match === null || unit === undefined ? null : Math.round(Number(match[1]) * unit);
}
