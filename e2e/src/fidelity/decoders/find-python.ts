import { spawnSync } from 'node:child_process';
import { installWithApt } from '../../harness/apt.js';

const DEBIAN = ['python3-pil', 'libavif-bin'];
export const PACKAGES = DEBIAN.join(' ');
/** Debian's Pillow belongs to Debian's Python, which another one may precede in PATH. */
const CANDIDATES = ['python3', '/usr/bin/python3'];

/** Finds a Python with Pillow, or installs it with apt as root. @throws when both fail */
export async function findOrInstallPython(say: (line: string) => void): Promise<string> {
  const found = findPython();
  if (found !== null) return found;
  await installWithApt(DEBIAN, say);
  const installed = findPython();
  if (installed === null) throw new Error(`Install Debian's packages ${PACKAGES}, or Pillow and avifdec.`);
  return installed;
}

/** The Python that can decode every format, or null. */
export function findPython(): string | null {
  if (!runs('avifdec', '--version')) return null;
  return findPythonWith('PIL.Image, PIL.ImageCms');
}

/** The Python that can import the modules, or null. */
export const findPythonWith = (modules: string): string | null =>
  CANDIDATES.find((python) => runs(python, '-c', `import ${modules}`)) ?? null;

const runs = (command: string, ...args: string[]) => spawnSync(command, args).status === 0;
