import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** The folders of the workspace that have a package.json. */
function packageFolders(root) {
  const parents = ['apps', 'packages'].map((name) => join(root, name)).filter(existsSync);
  const folders = parents.flatMap((parent) => readdirSync(parent).map((name) => join(parent, name)));
  return [...folders, join(root, 'e2e')].filter((folder) => existsSync(join(folder, 'package.json')));
}

export const needsInstall = (root) =>
  !hasPackages(root) || readStamp(root, 'installed') !== installFingerprint(root);

export const needsBuild = (root) => !isBuilt(root) || readStamp(root, 'built') !== sourceFingerprint(root);

/** Changes when another install is needed; two platforms may share a checkout. */
export function installFingerprint(root) {
  const manifests = [root, ...packageFolders(root)].map((folder) => join(folder, 'package.json'));
  const files = [join(root, 'pnpm-lock.yaml'), join(root, 'pnpm-workspace.yaml'), ...manifests];
  const contents = files.map((file) => `${relative(root, file)}\n${readFileSync(file, 'utf8')}`);
  return hashOf([process.platform, process.arch, ...contents]);
}

/** False when the node_modules of a package with dependencies is missing. */
function hasPackages(root) {
  const needs = (folder) => /"(devD|d)ependencies"/.test(readFileSync(join(folder, 'package.json'), 'utf8'));
  return [root, ...packageFolders(root).filter(needs)].every((folder) =>
    existsSync(join(folder, 'node_modules')),
  );
}

/** Changes when a source was changed, added or removed. */
export function sourceFingerprint(root) {
  const folders = packageFolders(root);
  const configs = [root, ...folders].map((folder) => join(folder, 'tsconfig.json'));
  const files = [join(root, 'tsconfig.base.json'), ...configs, ...folders.flatMap(sources)].filter(
    existsSync,
  );
  const facts = files.map((file) => {
    const { size, mtimeMs } = statSync(file);
    return `${relative(root, file)} ${size} ${mtimeMs}`;
  });
  return hashOf([installFingerprint(root), ...facts]);
}

/** False when a compiled file is missing, which `tsc -b` itself does not notice. */
export function isBuilt(root) {
  const compiled = packageFolders(root).flatMap((folder) =>
    sources(folder)
      .filter((file) => !/(\.test|\.d)\.ts$|\/testing\/|\/e2e\/src\//.test(file))
      .map((file) => file.replace(`${folder}/src/`, `${folder}/dist/`).replace(/\.ts$/, '.js')),
  );
  return compiled.every(existsSync);
}

function sources(folder) {
  const source = join(folder, 'src');
  const names = existsSync(source) ? readdirSync(source, { recursive: true }) : [];
  return names.filter((name) => name.endsWith('.ts')).map((name) => join(source, name));
}

const hashOf = (lines) => createHash('sha256').update(lines.join('\n')).digest('hex');

/** Stamps lie in node_modules, so that they are removed with it. */
const stampPath = (root, name) => join(root, 'node_modules', '.pixdock', name);

function readStamp(root, name) {
  return existsSync(stampPath(root, name)) ? readFileSync(stampPath(root, name), 'utf8') : null;
}

export function writeStamp(root, name, value) {
  mkdirSync(dirname(stampPath(root, name)), { recursive: true });
  writeFileSync(stampPath(root, name), value);
}
