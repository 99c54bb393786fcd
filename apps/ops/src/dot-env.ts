import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { asError } from '@pixdock/shared/runtime/as-error';
import { describeFileError } from '@pixdock/shared/runtime/messages/files';
import { StartFault } from '@pixdock/shared/runtime/start-fault';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Adds the variables of a .env file; the environment takes precedence. @throws StartFault if the file cannot be read */
export function addDotEnv(path: string, environment: Environment): Environment {
  // Editors on Windows begin a file with a byte order mark, which would become part of the first name.
  return { ...parseEnv(readIfExists(path).replace(/^\uFEFF/, '')), ...environment };
}

function readIfExists(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    const { reason, fix } = describeFileError(asError(error));
    throw new StartFault(path, reason, fix);
  }
}
