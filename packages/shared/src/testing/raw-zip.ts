import { crc32, deflateRawSync } from 'node:zlib';
import type { EntryOrigin } from '../state/images/origin.js';

/** An entry, with fields that override those of a correct archive. */
export interface RawEntry {
  name: string | Buffer;
  content: string | Buffer;
  flags?: number;
  method?: number;
  data?: Buffer;
  bytes?: number;
  compressed?: number;
  crc?: number;
  offset?: number;
  extra?: Buffer;
  /** Writes size and CRC-32 after the data instead of in the local header. */
  hasDescriptor?: boolean;
  isZip64?: boolean;
}

/** Creates a ZIP archive, and returns it with the offset of each entry. APPNOTE 4.3. */
export function rawZip(entries: RawEntry[], isZip64 = false): { archive: Buffer; origins: EntryOrigin[] } {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  const origins: EntryOrigin[] = [];
  let offset = 0;
  for (const entry of entries) {
    const { flags = 0x800, method = 8, hasDescriptor = false } = entry;
    const name = Buffer.from(entry.name);
    const data = entry.data ?? (method === 8 ? deflateRawSync(entry.content) : Buffer.from(entry.content));
    const compressed = entry.compressed ?? data.length;
    const bytes = entry.bytes ?? Buffer.byteLength(entry.content);
    const sum = entry.crc ?? crc32(entry.content);
    const at = entry.offset ?? offset;
    const extra =
      entry.isZip64 === true ? zip64Field(bytes, compressed, at) : (entry.extra ?? Buffer.alloc(0));
    const most = (value: number) => (entry.isZip64 === true ? 0xffff_ffff : value);
    const fields = Buffer.concat([
      u16(20, hasDescriptor ? flags | 8 : flags, method, 0, 0),
      u32(sum, most(compressed), most(bytes)),
      u16(name.length, extra.length),
    ]);
    const local = Buffer.from(fields);
    if (hasDescriptor) local.fill(0, 10, 22);
    const descriptor = hasDescriptor ? [Buffer.from('PK\x07\x08'), fields.subarray(10, 22)] : [];
    directory.push(
      Buffer.from('PK\x01\x02\x14\0', 'latin1'),
      fields,
      Buffer.alloc(10),
      u32(most(at)),
      name,
      extra,
    );
    const file = Buffer.concat([Buffer.from('PK\x03\x04'), local, name, extra, data, ...descriptor]);
    files.push(file);
    origins.push({ kind: 'entry', offset: at, method, compressedBytes: compressed, bytes, crc32: sum });
    offset += file.length;
  }
  const listed = Buffer.concat(directory);
  const count = isZip64 ? 0xffff : entries.length % 65_536;
  const end = [Buffer.from('PK\x05\x06'), u16(0, 0, count, count), u32(listed.length, offset), u16(0)];
  const zip64 = isZip64 ? zip64End(entries.length, listed.length, offset) : [];
  return { archive: Buffer.concat([...files, listed, ...zip64, ...end]), origins };
}

function zip64Field(bytes: number, compressed: number, offset: number): Buffer {
  return Buffer.concat([u16(1, 24), u64(bytes, compressed, offset)]);
}

function zip64End(count: number, bytes: number, offset: number): Buffer[] {
  return [
    Buffer.concat([
      Buffer.from('PK\x06\x06'),
      u64(44),
      u16(45, 45),
      u32(0, 0),
      u64(count, count, bytes, offset),
    ]),
    Buffer.concat([Buffer.from('PK\x06\x07'), u32(0), u64(offset + bytes), u32(1)]),
  ];
}

const u16 = (...values: number[]) => Buffer.from(Uint16Array.from(values).buffer);
const u32 = (...values: number[]) => Buffer.from(Uint32Array.from(values).buffer);
const u64 = (...values: number[]) => Buffer.from(BigUint64Array.from(values.map(BigInt)).buffer);
