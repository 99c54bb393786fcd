import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface Copy {
  root: string;
  remove(): Promise<void>;
}

/**
 * Copies the checkout with its build output to a temporary folder. Installed packages are linked, not copied.
 * @param isClean copies neither: the copy is what a clone would be if all changes were committed
 */
export async function copyCheckout(checkout: string, { isClean = false } = {}): Promise<Copy> {
  const root = await mkdtemp(join(tmpdir(), 'pixdock-mutate-'));
  const remove = () => rm(root, { recursive: true, force: true, maxRetries: 5 });
  try {
    for (const file of filesOf(checkout, isClean)) {
      await mkdir(dirname(join(root, file)), { recursive: true });
      const options = { recursive: true, verbatimSymlinks: true, preserveTimestamps: true };
      await cp(join(checkout, file), join(root, file), options);
    }
    if (!isClean) await linkInstalled(join(checkout, 'node_modules'), join(root, 'node_modules'));
  } catch (error) {
    await remove();
    throw error;
  }
  return { root, remove };
}

/** Ignored by git, but needed. Links in a package's node_modules are relative, so they lead to the copy's packages. */
const IGNORED = ['dist', 'node_modules', 'tsconfig.tsbuildinfo'];

function filesOf(checkout: string, isClean: boolean): string[] {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const listed = execFileSync('git', args, { cwd: checkout, encoding: 'utf8' }).split('\0');
  // git still lists a file whose deletion is not committed.
  const known = listed.filter((file) => file !== '' && existsSync(join(checkout, file)));
  if (isClean) return known;
  const packages = known.filter((file) => file.endsWith('/package.json')).map(dirname);
  const ignored = packages.flatMap((folder) => IGNORED.map((name) => join(folder, name)));
  return [...known, ...ignored.filter((path) => existsSync(join(checkout, path)))];
}

// The folder itself is not linked: tools write their caches into it.
async function linkInstalled(from: string, to: string): Promise<void> {
  await mkdir(to);
  for (const name of await readdir(from)) await symlink(join(from, name), join(to, name));
}
