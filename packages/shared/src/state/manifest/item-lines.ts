import type { NewItem } from '../batches/manifest-item.js';
import type { HeaderSets } from './header-sets.js';
import {
  CELLS_AT,
  CONTINUES,
  DIGEST_AT,
  FLAGS_AT,
  INDEX_BYTES,
  INVALID,
  keyDigest,
  MAX_ROW_ITEMS,
  sourceKey,
} from './stored.js';
import { openTables } from './tables.js';

/** Formats the lines and index entries of a batch's items, in order (see `stored.ts`). */
export function openItemLines(headerSets: HeaderSets) {
  const tables = openTables();
  let total = 0;
  let invalid = 0;
  let offset = 0;
  let cellBytes = 0;
  let currentRow = 0;
  let rowBegin = 0;
  let cells: NewItem['cells'] | null = null;
  let cellsBegin = 0;
  /** Fields that items of the current row share, and the place of the first item with them. */
  let fieldsOfRow = new Map<string, number>();

  function isSameRow(item: NewItem): boolean {
    if (cells === null || item.row !== currentRow || total - rowBegin >= MAX_ROW_ITEMS) return false;
    return item.cells === cells || JSON.stringify(item.cells) === JSON.stringify(cells);
  }

  function beginRow(item: NewItem): Buffer {
    const line = Buffer.from(`${JSON.stringify(item.cells)}\n`);
    [currentRow, cells, fieldsOfRow] = [item.row, item.cells, new Map()];
    rowBegin = total;
    cellsBegin = cellBytes;
    cellBytes += line.length;
    return line;
  }

  function lineOf(item: NewItem): Buffer {
    const { origin, filename, declaredType, fault } = item;
    const fields = JSON.stringify(fieldsOf(item));
    const first = fieldsOfRow.get(fields);
    if (first === undefined) fieldsOfRow.set(fields, total);
    const own = JSON.stringify({
      filename: filename ?? undefined,
      declaredType: declaredType ?? undefined,
      origin: origin?.kind === 'url' ? { kind: origin.kind, url: origin.url } : (origin ?? undefined),
      ...(fault === null ? {} : tables.fault(fault, item.row)),
    });
    const begin = first === undefined ? fields : `{"same":${total - first}}`;
    return Buffer.from(`${own === '{}' ? begin : `${begin.slice(0, -1)},${own.slice(1)}`}\n`);
  }

  function fieldsOf({ row, profile, externalId, metadata, sha256, deleteAfterSeconds, origin }: NewItem) {
    const number = tables.profile(profile);
    const headerSet = origin?.kind === 'url' ? headerSets.numberOf(origin.headers) : null;
    return {
      row,
      profile: number === 0 ? undefined : number,
      externalId: externalId ?? undefined,
      metadata: Object.keys(metadata).length === 0 ? undefined : metadata,
      sha256: sha256 ?? undefined,
      deleteAfterSeconds: deleteAfterSeconds ?? undefined,
      headerSet: headerSet ?? undefined,
    };
  }

  return {
    /** `cells` are null for a further item of the same row. */
    next(item: NewItem) {
      const continues = isSameRow(item);
      const cellsLine = continues ? null : beginRow(item);
      const index = Buffer.alloc(INDEX_BYTES);
      index.writeUIntLE(offset, 0, FLAGS_AT);
      index.writeUInt16LE((item.fault === null ? 0 : INVALID) | (continues ? CONTINUES : 0), FLAGS_AT);
      keyDigest(sourceKey(item)).copy(index, DIGEST_AT);
      index.writeBigUInt64LE(BigInt(cellsBegin), CELLS_AT);
      const line = lineOf(item);
      offset += line.length;
      total++;
      if (item.fault !== null) invalid++;
      return { line, cells: cellsLine, index };
    },
    total: () => total,
    invalid: () => invalid,
    /** Bytes of the lines and tables, without the index. */
    bytes: () => offset + cellBytes + tables.bytes(),
    tables: tables.tables,
  };
}
