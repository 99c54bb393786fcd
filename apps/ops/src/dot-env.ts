import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment with what the file sets beside it; where both speak, the environment wins. */
export function addDotEnv(path: string, environment: Environment): Environment {
  return { ...parseEnv(readIfThere(path)), ...environment };
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}
