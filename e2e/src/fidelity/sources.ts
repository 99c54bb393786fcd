import { readdir } from 'node:fs/promises';
import { extname, join, relative } from 'node:path';
import { FORMATS, type ImageFormat } from '@pixdock/contract/media-type';

export interface SourceFile {
  path: string;
  /** Path within the folder. */
  name: string;
}

const EXTENSIONS = ['.jpg', '.jpeg', '.png', '.webp', '.gif', '.avif'];

/** The images of a folder and of its folders, in the order of their names. */
export async function listSources(folder: string): Promise<SourceFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && EXTENSIONS.includes(extname(entry.name).toLowerCase()))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path, name: relative(folder, path) }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** The images by their kind: the extension of their name. */
export function groupByKind(sources: readonly SourceFile[]): Map<string, SourceFile[]> {
  const groups = new Map<string, SourceFile[]>();
  for (const source of sources) {
    const kind = extname(source.name).slice(1).toLowerCase().replace('jpeg', 'jpg');
    groups.set(kind, [...(groups.get(kind) ?? []), source]);
  }
  return groups;
}

export function formatOfType(mediaType: string): ImageFormat {
  const found = Object.entries(FORMATS).find(([, format]) => format.mediaType === mediaType);
  if (found === undefined) throw new Error(`no format has the type ${mediaType}`);
  return found[0] as ImageFormat;
}
