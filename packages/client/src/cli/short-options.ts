import type { Translate } from './environment.js';
import { UsageError } from './exit.js';

/**
 * `-oFILE` as `-o=FILE`, and no other group of letters: cac reads one as so many options, so that the v in `-orep.csv` asks
 * for the version.
 * @throws UsageError for any other group
 */
export function spreadShortOptions(args: readonly string[], t: Translate): string[] {
  const end = args.indexOf('--');
  return args.map((arg, at) => {
    if ((end !== -1 && at > end) || !/^-[^-]./.test(arg)) return arg;
    const [, value] = /^-o=?(.+)$/.exec(arg) ?? [];
    if (value !== undefined) return `-o=${value}`;
    throw new UsageError(
      t(
        `Unknown option \`${arg}\`. A file whose name begins with "-" goes behind "--".`,
        `未知选项 \`${arg}\`。名称以“-”开头的文件请放在“--”之后。`,
      ),
    );
  });
}
