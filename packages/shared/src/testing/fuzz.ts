import * as fc from 'fast-check';

/** Fixed, so that every run has the same inputs, unless PIXDOCK_FUZZ_SEED is set. */
const SEED = Number(process.env.PIXDOCK_FUZZ_SEED ?? 4);
/** Multiplies the number of inputs. */
export const FUZZ_TIMES = Number(process.env.PIXDOCK_FUZZ_TIMES ?? 1);

/** Timeout of a fuzz test, for a busy machine. */
export const FUZZ_TIMEOUT_MS = 120_000 * FUZZ_TIMES;

/**
 * Checks a property on `runs` inputs. A failure reports the smallest failing input, with seed and path:
 * `PIXDOCK_FUZZ_SEED=… npx vitest run FILE` reproduces it.
 */
export async function fuzz<T>(
  property: fc.IAsyncProperty<T>,
  runs: number,
  more: fc.Parameters<T> = {},
): Promise<void> {
  console.info(`fuzz: seed ${SEED}, ${runs * FUZZ_TIMES} runs`);
  await fc.assert(property, { seed: SEED, numRuns: runs * FUZZ_TIMES, ...more });
}
