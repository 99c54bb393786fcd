import type { SkipFileErrors } from '@pixdock/shared/runtime/file-errors';

/** Returns how many were removed. A folder that cannot be listed ends only its own walk. */
export async function removeEach(
  name: string,
  found: AsyncIterable<string>,
  remove: (one: string) => Promise<boolean>,
  skipFileErrors: SkipFileErrors,
): Promise<number> {
  let removed = 0;
  await skipFileErrors(name, async () => {
    for await (const one of found) if (await skipFileErrors(one, () => remove(one))) removed++;
  });
  return removed;
}
