import { execFile } from 'node:child_process';
import { basename } from 'node:path';
import { promisify } from 'node:util';

/** The tags of a file, by group and name, such as `XMP-TC260:Aigc`. */
export type Tags = Record<string, unknown>;

const MAX_OUTPUT_BYTES = 256 * 1024 ** 2;

/** Reads all tags of the files in a folder, unknown and repeated ones too. @throws an error that says how to install exiftool */
export async function readWithExiftool(folder: string): Promise<Map<string, Tags>> {
  const options = ['-json', '-G1', '-a', '-u', '-n', '-struct', '-charset', 'filename=utf8', folder];
  const { stdout } = await promisify(execFile)('exiftool', options, { maxBuffer: MAX_OUTPUT_BYTES }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      throw new Error('exiftool is not installed: apt-get install libimage-exiftool-perl');
    },
  );
  const files = JSON.parse(stdout) as (Tags & { SourceFile: string })[];
  return new Map(files.map(({ SourceFile, ...tags }) => [basename(SourceFile), tags]));
}
