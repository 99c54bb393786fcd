import { isUtf8 } from 'node:buffer';
import type { Metadata } from 'sharp';
import { findEntry } from '../container/exif-directory.js';
import { NOT_XML } from './names.js';
import { readIim } from './read-iptc.js';
import type { XmpPacket } from './read-xmp.js';

export interface Copyright {
  creator: string | null;
  notice: string | null;
  /** The page that states the rights, http or https. */
  licenseUrl: string | null;
}

/** A longer text is not kept. */
const MAX_TEXT = 1024;

/** Reads creator, notice and licence from XMP, from EXIF if XMP lacks them, or from IPTC-IIM; null if the source has none. */
export function readCopyright(
  packets: readonly XmpPacket[],
  { exif, iptc }: Pick<Metadata, 'exif' | 'iptc'>,
): Copyright | null {
  const inXmp = (name: 'dc:creator' | 'dc:rights' | 'xmpRights:WebStatement' | 'cc:license') =>
    packets.map(({ values }) => values.get(name)).find((values) => values !== undefined);
  const iim = iptc === undefined ? null : readIim(iptc);
  const inExif = (tag: number) => (exif === undefined ? null : exifText(exif, tag));
  const found = {
    creator: kept([inXmp('dc:creator')?.join('; '), inExif(ARTIST), iim?.byLine]),
    // The first alternative is the default language.
    notice: kept([inXmp('dc:rights')?.[0], inExif(COPYRIGHT), iim?.copyrightNotice]),
    licenseUrl: kept([inXmp('xmpRights:WebStatement')?.[0], inXmp('cc:license')?.[0]].filter(isWebAddress)),
  };
  return Object.values(found).every((value) => value === null) ? null : found;
}

function kept(texts: readonly (string | null | undefined)[]): string | null {
  const readable = texts.flatMap((text) => (text === null || text === undefined ? [] : [text.trim()]));
  const isKept = (text: string) => text !== '' && text.length <= MAX_TEXT && !NOT_XML.test(text);
  return readable.find(isKept) ?? null;
}

const isWebAddress = (text: string | undefined) =>
  text !== undefined && /^https?:\/\//i.test(text) && URL.canParse(text);

/** EXIF 2.32 4.6.4, table 4. */
const ARTIST = 0x013b;
const COPYRIGHT = 0x8298;
const ASCII = 2;

function exifText(exif: Buffer, tag: number): string | null {
  const entry = findEntry(exif, tag);
  if (entry === null || entry.type !== ASCII || entry.count > MAX_TEXT) return null;
  const { tiff, count, value, valueAt } = entry;
  const start = count <= 4 ? valueAt : value;
  const text = tiff.subarray(start, start + count);
  // A copyright of the editor may follow that of the photographer after a NUL.
  return isUtf8(text) ? (text.toString().split('\0')[0] ?? null) : null;
}
