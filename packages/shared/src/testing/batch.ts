import { randomBytes } from 'node:crypto';
import type { BatchEntry } from '../state/batches/batch-entry.js';
import type { ManifestItem, NewItem } from '../state/batches/manifest-item.js';

/** A batch right after its submission. */
export function testBatch(changes: Partial<BatchEntry> = {}): BatchEntry {
  return {
    id: `bat_${randomBytes(16).toString('hex')}`,
    owner: 'acme',
    name: null,
    format: 'csv',
    profile: 'default',
    secret: randomBytes(32).toString('hex'),
    total: 3,
    rows: 3,
    invalid: 0,
    bytes: 300,
    columns: ['url'],
    encoding: 'utf-8',
    delimiter: ',',
    createdAt: new Date().toISOString(),
    retentionMs: 30 * 24 * 3600_000,
    metadataIndex: [],
    idempotency: null,
    webhook: null,
    workbook: null,
    reuse: [],
    replace: false,
    ...changes,
  };
}

/** An item with a URL, both as input of a batch and as output of its reader. */
export function testItem(
  row: number,
  changes: Partial<NewItem & Pick<ManifestItem, 'position'>> = {},
): NewItem & ManifestItem {
  const url = `https://pictures.example/${row}.jpg`;
  return {
    row,
    position: 1,
    cells: [url],
    profile: 'default',
    externalId: null,
    metadata: {},
    sha256: null,
    deleteAfterSeconds: null,
    filename: null,
    declaredType: null,
    origin: { kind: 'url', url, headers: {} },
    fault: null,
    ...changes,
  };
}
