import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

interface Manifest {
  name: string;
  version: string;
  dependencies?: Record<string, string>;
}

/** Serves the packages whose tarballs are in a folder, and the installed dependencies of others, so that npm can install them offline. */
export async function startRegistry(packageFolders: readonly string[], tarballs: string) {
  const found = new Set<string>();
  for (const folder of packageFolders) addDependencies(realpathSync(folder), found);
  for (const dependency of found) await pack(dependency, tarballs);
  const files = readdirSync(tarballs).filter((file) => file.endsWith('.tgz'));
  const packed = await Promise.all(files.map((file) => readPackedManifest(join(tarballs, file))));
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '').slice(1);
    if (path.endsWith('.tgz')) {
      response.end(readFileSync(join(tarballs, path)));
      return;
    }
    const manifests = packed.filter(({ name }) => name === path);
    const versions = manifests.map((manifest) => [manifest.version, { ...manifest, dist: dist(manifest) }]);
    const latest = manifests[0]?.version;
    response.statusCode = latest === undefined ? 404 : 200;
    response.end(
      JSON.stringify({ name: path, 'dist-tags': { latest }, versions: Object.fromEntries(versions) }),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const dist = ({ name, version }: Manifest) => ({ tarball: `${url}${tarballName(name, version)}` });
  return {
    url,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function readPackedManifest(tarball: string): Promise<Manifest> {
  const { stdout } = await promisify(execFile)('tar', ['-xzOf', tarball, 'package/package.json']);
  return JSON.parse(stdout);
}

async function pack(folder: string, tarballs: string): Promise<void> {
  const { name, version } = readManifest(folder);
  const copy = join(tarballs, `${name}-${version}`);
  const filter = (path: string) => path !== join(folder, 'node_modules');
  cpSync(folder, join(copy, 'package'), { recursive: true, filter });
  await promisify(execFile)('tar', [
    '-czf',
    join(tarballs, tarballName(name, version)),
    '-C',
    copy,
    'package',
  ]);
}

/** The name that `npm pack` and `pnpm pack` use. */
export const tarballName = (name: string, version: string) =>
  `${name.replace('@', '').replace('/', '-')}-${version}.tgz`;

const readManifest = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

/** Folders of all direct and transitive third-party dependencies. */
function addDependencies(folder: string, found: Set<string>): void {
  for (const name of Object.keys(readManifest(folder).dependencies ?? {})) {
    const dependency = resolveFrom(folder, name);
    if (found.has(dependency)) continue;
    if (!name.startsWith('@pixdock/')) found.add(dependency);
    addDependencies(dependency, found);
  }
}

function resolveFrom(folder: string, name: string): string {
  const candidate = join(folder, 'node_modules', name);
  if (existsSync(candidate)) return realpathSync(candidate);
  if (dirname(folder) === folder) throw new Error(`${name} is not installed`);
  return resolveFrom(dirname(folder), name);
}
