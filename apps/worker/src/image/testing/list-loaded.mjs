// For `node --import`: prints the URL of each loaded module.
import { writeSync } from 'node:fs';
import { register } from 'node:module';
import { isMainThread } from 'node:worker_threads';

// Hooks run in a separate thread, which loads this file again.
if (isMainThread) register(import.meta.url);

export function load(url, context, next) {
  writeSync(1, `${url}\n`);
  return next(url, context);
}
