/** One deliberate defect, and the tests that must fail because of it. */
export interface MutationRule {
  /** Unique name in kebab-case, for `--only`. */
  name: string;
  /** The file to change, from the root of the checkout. */
  file: string;
  /** Text that occurs exactly once in the file. */
  search: string;
  replace: string;
  /** Test files, from the root of the checkout. */
  tests: readonly [string, ...string[]];
  /** Part of a test's name (`vitest -t`), for files with slow tests that cannot notice this defect. */
  only?: string;
  /** The tests start compiled code, so the change must be compiled first. */
  built?: boolean;
}

/** The file's text with the defect in it. @throws StaleRule when the searched text does not occur exactly once */
export function mutate(text: string, { name, file, search, replace }: MutationRule): string {
  const [before, after, ...more] = text.split(search);
  if (before === undefined || after === undefined || more.length > 0)
    throw new StaleRule(
      `${name} is stale: its text occurs ${text.split(search).length - 1} times in ${file}`,
    );
  return before + replace + after;
}

/** The code has changed, and the rule must be adapted to it. */
export class StaleRule extends Error {
  override readonly name = 'StaleRule';
}
