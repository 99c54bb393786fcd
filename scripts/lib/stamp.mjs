import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** A file with the hash of the inputs of a step that has succeeded. It lies beside the results, so that it is removed with them. */
export function openStamp(path, inputs) {
  const hash = createHash('sha256');
  for (const input of inputs) hash.update(input);
  const current = hash.digest('hex');
  const last = existsSync(path) ? readFileSync(path, 'utf8') : null;
  const write = () => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, current);
  };
  return { isNew: last === null, isCurrent: last === current, write };
}
