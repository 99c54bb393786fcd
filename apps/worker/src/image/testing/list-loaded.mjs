// For `node --import`: prints the URL of each module that is loaded.
import { writeSync } from 'node:fs';
import { register } from 'node:module';
import { isMainThread } from 'node:worker_threads';

// Hooks run in a thread of their own, which loads this file once more.
if (isMainThread) register(import.meta.url);

export function load(url, context, next) {
  writeSync(1, `${url}\n`);
  return next(url, context);
}
