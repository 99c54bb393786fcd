import { execFile, spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { HEIC_WASM } from '@pixdock/shared/runtime/heic-decoder';
import { installWithApt } from './apt.js';

const HEIF_DEC = '/usr/bin/heif-dec';
const HEIF_ENC = '/usr/bin/heif-enc';
const DEBIAN = ['libheif-examples', 'libheif-plugin-x265'];

/** Finds the encoder and the decoder of HEIC, or installs them with apt as root. @throws when both fail */
export async function findOrInstallHeif(say: (line: string) => void): Promise<void> {
  if (encodesHevc()) return;
  await installWithApt(DEBIAN, say);
  if (!encodesHevc()) throw new Error(`Install Debian's packages ${DEBIAN.join(' ')}.`);
}

const encodesHevc = () =>
  spawnSync(HEIF_ENC, ['--list-encoders'], { encoding: 'utf8' }).stdout?.includes('x265');

/**
 * The values of HEIC_DECODER that work here. Decoders have users of their own if the tests run as root, and these can run Node only
 * in a checkout that all users can reach: not in /root.
 */
export const heicDecoders = (): string[] =>
  process.getuid?.() !== 0 || [process.execPath, import.meta.filename].every(isReachable)
    ? [HEIF_DEC, HEIC_WASM]
    : [HEIF_DEC];

function isReachable(path: string): boolean {
  const folder = dirname(path);
  const isOpen = (statSync(folder).mode & 0o001) !== 0;
  return isOpen && (folder === path || folder === '/' || isReachable(folder));
}

/** Encodes PNG or JPEG pictures as one HEIC. */
export async function encodeHeic(pictures: readonly Buffer[], ...options: string[]): Promise<Buffer> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'pixdock-heif-enc-'));
  const paths = pictures.map((picture, i) =>
    join(folder.path, `picture-${i}.${picture[0] === 0xff ? 'jpg' : 'png'}`),
  );
  for (const [i, picture] of pictures.entries()) await writeFile(paths[i] ?? '', picture);
  const output = join(folder.path, 'encoded.heic');
  await promisify(execFile)(HEIF_ENC, [
    '--hevc',
    '-q',
    '95',
    '-p',
    'preset=ultrafast',
    ...options,
    '-o',
    output,
    ...paths,
  ]);
  return await readFile(output);
}
