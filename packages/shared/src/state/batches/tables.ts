import type { Text } from '@pixdock/contract/error-table';
import type { ManifestItem } from '../records/manifest-item.js';
import { MAX_TABLE_BYTES, type Tables } from './stored.js';

type Fault = NonNullable<ManifestItem['fault']>;

/** Collects values that many items of a batch share; a line then stores a number. */
export function openTables() {
  const tables: Tables = { profiles: [], faults: [] };
  const profiles = new Map<string, number>();
  const faults = new Map<string, number>();
  let bytes = 0;

  return {
    profile(name: string): number | string {
      const known = profiles.get(name);
      if (known !== undefined) return known;
      bytes += Buffer.byteLength(JSON.stringify(name)) + ','.length;
      profiles.set(name, profiles.size);
      return tables.profiles.push(name) - 1;
    },
    /** The number of the fault in the table, or the fault itself if the table is full. */
    fault({ code, detail }: Fault, row: number): number | Fault {
      const [en, zh] = [split(detail.en, row), split(detail.zh, row)];
      if (en === null || zh === null) return { code, detail };
      const text = JSON.stringify({ code, en, zh });
      const known = faults.get(text);
      if (known !== undefined) return known;
      const size = Buffer.byteLength(text) + ','.length;
      if (bytes + size > MAX_TABLE_BYTES) return { code, detail };
      bytes += size;
      faults.set(text, faults.size);
      return tables.faults.push({ code, en, zh }) - 1;
    },
    bytes: () => bytes,
    text: () => JSON.stringify(tables),
  };
}

/** The fault of a row as it was added. */
export function faultAt({ faults }: Tables, number: number, row: number): Fault {
  const found = faults[number];
  if (found === undefined) throw new RangeError(`tables.json has no fault ${number}`);
  const join = ([before, after]: [string, string]) => before + row + after;
  const detail: Text = { en: join(found.en), zh: join(found.zh) };
  return { code: found.code, detail };
}

// The first occurrence of the number is the row's, since the sentences begin with the row. Any other one is restored as well.
function split(text: string, row: number): [string, string] | null {
  const at = text.indexOf(String(row));
  return at === -1 ? null : [text.slice(0, at), text.slice(at + String(row).length)];
}
