import { crc32 } from 'node:zlib';
import { detectEncoding } from './text-encoding.js';

/** The facts about the name of an entry in a ZIP archive, as yauzl reads them. */
interface NameFacts {
  fileNameRaw: Buffer;
  generalPurposeBitFlag: number;
  extraFields: readonly { id: number; data: Buffer }[];
}

/**
 * The name of an entry. Without a declared encoding it has that of the writer's system: UTF-8 today, GB18030 on a Chinese
 * Windows.
 */
export function entryName({ fileNameRaw, generalPurposeBitFlag, extraFields }: NameFacts): string {
  const unicode = extraFields.find(({ id, data }) => id === UNICODE_PATH && data.length > 5)?.data;
  if (unicode?.[0] === 1 && unicode.readUInt32LE(1) === crc32(fileNameRaw))
    return unicode.toString('utf8', 5);
  if ((generalPurposeBitFlag & UTF8_NAME) !== 0) return fileNameRaw.toString('utf8');
  return new TextDecoder(detectEncoding([fileNameRaw]) ?? 'utf-8').decode(fileNameRaw);
}

const UTF8_NAME = 0x800;
const UNICODE_PATH = 0x7075;
