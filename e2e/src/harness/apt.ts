import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Installs Debian's packages for a test when this process is root and apt is there, and says so first.
 * @returns whether apt installed them
 */
export async function installWithApt(
  packages: readonly string[],
  say: (line: string) => void,
): Promise<boolean> {
  if (process.getuid?.() !== 0) return false;
  const args = [
    'install',
    '-y',
    '--no-install-recommends',
    '--no-remove',
    '-o',
    'DPkg::Lock::Timeout=120',
    ...packages,
  ];
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  try {
    await run('apt-get', ['--version']);
    say(`Installing packages for tests with "apt-get ${args.join(' ')}" …`);
    // It fails when one of many sources cannot be reached, which may not matter for these packages.
    await run('apt-get', ['update'], { env }).catch(() => {});
    await run('apt-get', args, { env, maxBuffer: 64 * 1024 ** 2 });
    return true;
  } catch {
    return false;
  }
}
