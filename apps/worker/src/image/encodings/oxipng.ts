import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { initSync, optimise } from '@jsquash/oxipng/codec/pkg/squoosh_oxipng.js';

const WASM = '@jsquash/oxipng/codec/pkg/squoosh_oxipng_bg.wasm';

/** Takes 2 ms and 1.4 MiB. Only the first call has an effect. */
export function loadOxipng(): void {
  initSync(readFileSync(createRequire(import.meta.url).resolve(WASM)));
}

/** Searches for smaller filters, colour types and matches (oxipng's levels 0 to 6). Drops all metadata. */
export function optimizePng(png: Buffer, level: number): Buffer {
  return Buffer.from(optimise(png, level, false, false));
}
