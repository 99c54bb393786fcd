import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** The folders of the workspace that hold a package.json, without a YAML parser: all that could be one. */
function packageFolders(root) {
  const parents = ['apps', 'packages'].map((name) => join(root, name)).filter(existsSync);
  const folders = parents.flatMap((parent) => readdirSync(parent).map((name) => join(parent, name)));
  return [...folders, join(root, 'e2e')].filter((folder) => existsSync(join(folder, 'package.json')));
}

/** Changes when another install is needed; a checkout may be shared by two platforms. */
export function installFingerprint(root) {
  const names = ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml'].map((name) => join(root, name));
  const files = [...names, ...packageFolders(root).map((folder) => join(folder, 'package.json'))];
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}\n`);
  for (const file of files) hash.update(`${relative(root, file)}\n`).update(readFileSync(file));
  return hash.digest('hex');
}

/** False when somebody removed a part of what was installed. */
export function isInstalled(root) {
  const needing = packageFolders(root).filter((folder) => {
    const { dependencies, devDependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return Object.keys({ ...dependencies, ...devDependencies }).length > 0;
  });
  return [root, ...needing].every((folder) => existsSync(join(folder, 'node_modules')));
}

/** Changes when a source was touched, added or removed. */
export function sourceFingerprint(root, installed) {
  const hash = createHash('sha256').update(installed);
  const configs = ['tsconfig.json', 'tsconfig.base.json'].map((name) => join(root, name));
  for (const folder of packageFolders(root)) configs.push(join(folder, 'tsconfig.json'), ...sources(folder));
  for (const file of configs.filter(existsSync)) {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${relative(root, file)} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

/** False when a compiled file is missing, which `tsc -b` itself does not notice. */
export function isBuilt(root) {
  return packageFolders(root).every((folder) =>
    sources(folder)
      .filter((file) => !/(\.test|\.d)\.ts$|\/testing\/|\/e2e\/src\//.test(file))
      .every((file) => existsSync(file.replace(`${folder}/src/`, `${folder}/dist/`).replace(/\.ts$/, '.js'))),
  );
}

function sources(folder) {
  const source = join(folder, 'src');
  if (!existsSync(source)) return [];
  return readdirSync(source, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .toSorted();
}

/** Small notes in node_modules, so that whoever removes that folder removes them too. */
export function readStamp(root, name) {
  const path = stampPath(root, name);
  return existsSync(path) ? readFileSync(path, 'utf8') : null;
}

export function writeStamp(root, name, value) {
  mkdirSync(dirname(stampPath(root, name)), { recursive: true });
  writeFileSync(stampPath(root, name), value);
}

const stampPath = (root, name) => join(root, 'node_modules', '.pixdock', name);
