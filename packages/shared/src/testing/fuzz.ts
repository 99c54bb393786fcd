import * as fc from 'fast-check';

/** Inputs are the same each time, unless a seed is given; then a failure is repeated by its seed, too. */
const SEED = Number(process.env.PIXDOCK_FUZZ_SEED ?? 4);
/** How many times as many inputs. */
export const FUZZ_TIMES = Number(process.env.PIXDOCK_FUZZ_TIMES ?? 1);

/** For a test that fuzzes: it takes what it takes on a busy machine. */
export const FUZZ_TIMEOUT_MS = 120_000 * FUZZ_TIMES;

/**
 * Tries a property on `runs` inputs. A failure tells the input, made as small as may be, with seed and path:
 * `PIXDOCK_FUZZ_SEED=… npx vitest run FILE` meets it again.
 */
export async function fuzz<T>(
  property: fc.IAsyncProperty<T>,
  runs: number,
  more: fc.Parameters<T> = {},
): Promise<void> {
  console.info(`fuzz: seed ${SEED}, ${runs * FUZZ_TIMES} runs`);
  await fc.assert(property, { seed: SEED, numRuns: runs * FUZZ_TIMES, ...more });
}
