import { spawnSync } from 'node:child_process';

export const PACKAGES = 'python3-pil libavif-bin';
const APT_INSTALL = `apt-get install -y --no-install-recommends ${PACKAGES}`;
/** Debian's Pillow belongs to Debian's Python, which another one may precede in PATH. */
const CANDIDATES = ['python3', '/usr/bin/python3'];

/** Finds a Python with Pillow, or installs it with apt as root. @throws when both fail */
export function findOrInstallPython(say: (line: string) => void): string {
  const found = findPython();
  if (found !== null) return found;
  if (process.getuid?.() === 0 && runs('apt-get', '--version')) {
    say(`Pillow or avifdec is not installed on this machine. Installing it with "${APT_INSTALL}" …`);
    spawnSync('apt-get', ['update']);
    spawnSync('sh', ['-c', APT_INSTALL], { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
  }
  const installed = findPython();
  if (installed === null) throw new Error(`Install Debian's packages ${PACKAGES}, or Pillow and avifdec.`);
  return installed;
}

/** The Python that can decode every format, or null. */
export function findPython(): string | null {
  if (!runs('avifdec', '--version')) return null;
  return CANDIDATES.find((python) => runs(python, '-c', 'import PIL.Image, PIL.ImageCms')) ?? null;
}

const runs = (command: string, ...args: string[]) => spawnSync(command, args).status === 0;
