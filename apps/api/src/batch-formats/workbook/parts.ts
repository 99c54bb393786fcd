import { posix } from 'node:path';
import { PixdockError } from '@pixdock/contract/error';
import { readZipEntry } from '@pixdock/shared/state/manifest/read-zip-entry';
import { type ArchiveEntry, listArchive } from '../list-archive.js';
import { damaged, tooComplex } from './refusals.js';
import { readXml, type XmlHandlers } from './xml.js';

/** Entries of a workbook: as many as a batch may have pictures, and the parts beside them. */
const MAX_ENTRIES = 120_000;
/** XML that is inflated for one workbook, its sheet twice. A sheet of 100,000 rows with 30 columns has about 150 MiB. */
const MAX_XML_BYTES = 512 * 1024 ** 2;
/** Sheets whose cells differ only in their places inflate to 10 to 17 times their size. */
const MAX_RATIO = 100;
const RATIO_FREE_BYTES = 16 * 1024 ** 2;
const MAX_RELATIONS = 200_000;
/** Of all targets together. */
const MAX_TARGET_CHARACTERS = 32 * 1024 ** 2;

/** A relationship of a part (ECMA-376 part 2, 6.5). */
export interface Relation {
  /** The last step of its type, in lower case: `worksheet`, `image`. */
  kind: string;
  /** The name of a part, or a URL. */
  target: string;
  isExternal: boolean;
}

/** The parts of a workbook, which is a ZIP archive (Open Packaging Conventions). Their names do not differ by case. */
export type Parts = Awaited<ReturnType<typeof openParts>>;

/** @throws PixdockError invalid_request, too_many_items */
export async function openParts(archive: string, maxEntryBytes: number) {
  const entries = new Map<string, ArchiveEntry>();
  try {
    for await (const entry of listArchive(archive, { maxEntryBytes, maxEntries: MAX_ENTRIES }))
      entries.set(keyOf(entry.name), entry);
  } catch (error) {
    throw error instanceof PixdockError && error.code === 'invalid_request' ? damaged('ZIP', error) : error;
  }
  let xmlBytes = 0;
  let targetCharacters = 0;

  /** Like `read`; yields what `take` returns after each piece of the part, in small slices of time. */
  async function* readSlowly<T>(name: string, handlers: XmlHandlers, take: () => T[]): AsyncGenerator<T> {
    const entry = entries.get(keyOf(name));
    if (entry === undefined) throw damaged(name);
    // A part that inflates to more than the directory says is refused.
    const { bytes, compressedBytes } = entry.origin;
    xmlBytes += bytes;
    if (xmlBytes > MAX_XML_BYTES) throw tooComplex('xml', MAX_XML_BYTES);
    if (bytes > RATIO_FREE_BYTES && bytes > MAX_RATIO * compressedBytes) throw tooComplex('ratio', MAX_RATIO);
    yield* readXml(name, readZipEntry(archive, entry.origin, MAX_XML_BYTES), handlers, take);
  }

  /** Parses a part. @throws PixdockError invalid_request if it is missing, damaged or too large */
  async function read(name: string, handlers: XmlHandlers): Promise<void> {
    for await (const _ of readSlowly(name, handlers, () => [])) continue;
  }

  return {
    has: (name: string) => entries.has(keyOf(name)),
    /** An image, as an entry of the archive. Undefined if the archive lacks it. */
    file: (name: string) => entries.get(keyOf(name)),
    read,
    readSlowly,
    /** The relationships of a part by their id; empty if it has none. @param name '' for those of the workbook file itself */
    async relationsOf(name: string): Promise<ReadonlyMap<string, Relation>> {
      const folder = posix.dirname(name);
      const part = name === '' ? '_rels/.rels' : posix.join(folder, '_rels', `${posix.basename(name)}.rels`);
      const relations = new Map<string, Relation>();
      if (!entries.has(keyOf(part))) return relations;
      await read(part, {
        open(element, attributes) {
          const { Id = '', Type = '', Target: target, TargetMode } = attributes;
          if (element !== 'Relationship' || target === undefined) return;
          targetCharacters += target.length;
          if (relations.size === MAX_RELATIONS || targetCharacters > MAX_TARGET_CHARACTERS)
            throw tooComplex('relations', MAX_RELATIONS);
          const isExternal = TargetMode === 'External';
          relations.set(Id, {
            kind: posix.basename(Type).toLowerCase(),
            target: isExternal ? target : posix.resolve('/', name === '' ? '' : folder, target).slice(1),
            isExternal,
          });
        },
      });
      return relations;
    },
  };
}

/** Names of parts do not differ by case. */
export const keyOf = (name: string) => name.replaceAll('\\', '/').replace(/^\//, '').toLowerCase();

/** The part that the first relationship of a kind names; undefined without one. */
export function targetOf(relations: ReadonlyMap<string, Relation>, kind: string): string | undefined {
  for (const relation of relations.values())
    if (relation.kind === kind.toLowerCase() && !relation.isExternal) return relation.target;
  return undefined;
}
