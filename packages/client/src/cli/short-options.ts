import type { Say } from '../messages/cli.js';
import { UsageError } from './exit.js';

/**
 * Rewrites `-oFILE` as `-o=FILE`. cac reads each letter as an option, so that the v in `-orep.csv` would print the version.
 * @throws UsageError for other groups of letters
 */
export function spreadShortOptions(args: readonly string[], say: Say): string[] {
  const end = args.indexOf('--');
  return args.map((arg, at) => {
    if ((end !== -1 && at > end) || !/^-[^-]./.test(arg)) return arg;
    const [, value] = /^-o=?(.+)$/.exec(arg) ?? [];
    if (value !== undefined) return `-o=${value}`;
    throw new UsageError(say('unknown-short-option', { option: arg }));
  });
}
