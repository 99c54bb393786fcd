import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/** A file of the built console. */
export interface ConsoleFile {
  type: string;
  etag: string;
  plain: Uint8Array<ArrayBuffer>;
  /** Compressed at the first request. */
  gzipped(): Promise<Uint8Array<ArrayBuffer>>;
}

/** The built console. Names of assets contain a hash of their content. */
export interface ConsoleFiles {
  page: ConsoleFile;
  assets: ReadonlyMap<string, ConsoleFile>;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Reads the built console, about 200 KB; null if it is not built. */
export function readConsoleFiles(folder = builtFolder()): ConsoleFiles | null {
  if (folder === null) return null;
  const assets = join(folder, 'console');
  return {
    page: readOne(join(folder, 'index.html')),
    assets: new Map(readdirSync(assets).map((name) => [name, readOne(join(assets, name))])),
  };
}

function builtFolder(): string | null {
  try {
    return dirname(createRequire(import.meta.url).resolve('@pixdock/console/page/index.html'));
  } catch {
    return null;
  }
}

function readOne(path: string): ConsoleFile {
  const plain = new Uint8Array(readFileSync(path));
  let zipping: Promise<Uint8Array<ArrayBuffer>> | null = null;
  return {
    type: TYPES[extname(path)] ?? 'application/octet-stream',
    etag: createHash('sha256').update(plain).digest('base64url').slice(0, 16),
    plain,
    gzipped() {
      zipping ??= promisify(gzip)(plain).then((bytes) => new Uint8Array(bytes));
      return zipping;
    },
  };
}
