import { isUtf8 } from 'node:buffer';

/** Texts in UTF-8 of IPTC-IIM in the Photoshop resource 0x0404 (IPTC IIM 4.2, 1.5 and 2; XMP part 3, 3.3.3). */
export function readIim(block: Buffer): { byLine: string | null; copyrightNotice: string | null } {
  const texts = new Map<number, string>();
  for (let at = datasetsAt(block); block[at] === TAG && at + HEAD_BYTES <= block.length; ) {
    const length = block.readUInt16BE(at + 3);
    const end = at + HEAD_BYTES + length;
    // The first bit marks an extended length, which texts do not need.
    if (length > 0x7fff || end > block.length) break;
    const dataset = block.readUInt8(at + 2);
    const text = block.subarray(at + HEAD_BYTES, end);
    if (block[at + 1] === APPLICATION_RECORD && !texts.has(dataset) && isUtf8(text))
      texts.set(dataset, text.toString());
    at = end;
  }
  return { byLine: texts.get(BY_LINE) ?? null, copyrightNotice: texts.get(COPYRIGHT_NOTICE) ?? null };
}

/** Each dataset: tag, record, dataset number, length in two bytes. */
const HEAD_BYTES = 5;
const TAG = 0x1c;
const APPLICATION_RECORD = 2;
const BY_LINE = 80;
const COPYRIGHT_NOTICE = 116;

const RESOURCE = Buffer.from('8BIM\x04\x04', 'latin1');

/** The position of the datasets, which follow the resource's name and size. */
function datasetsAt(block: Buffer): number {
  const resource = block.indexOf(RESOURCE);
  if (resource === -1) return 0;
  const name = resource + RESOURCE.length;
  const nameBytes = 1 + (block[name] ?? 0);
  return name + nameBytes + (nameBytes % 2) + 4;
}
