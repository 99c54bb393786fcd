/** What was given to a command. */
export interface Given {
  /** The value of `--name VALUE` or `--name=VALUE`, as it was written. */
  text(name: string): string | undefined;
  flag(name: string): boolean;
  /** What stands behind `--`. */
  rest: readonly string[];
}

const ALIASES: Readonly<Record<string, string>> = { output: '-o' };

/**
 * Options as they were written. cac reads whatever looks like a number as one, and so would a key of digits lose its
 * leading zeros.
 */
export function createGiven(args: readonly string[], parsed: Readonly<Record<string, unknown>>): Given {
  const end = args.indexOf('--');
  const written = end === -1 ? args : args.slice(0, end);
  return {
    text(name) {
      if (parsed[name] === undefined) return undefined;
      const forms = [`--${name}`, ALIASES[name] ?? `--${name}`];
      const at = written.findLastIndex((arg) =>
        forms.some((form) => arg === form || arg.startsWith(`${form}=`)),
      );
      const arg = written[at] ?? '';
      return arg.includes('=') ? arg.slice(arg.indexOf('=') + 1) : written[at + 1];
    },
    flag: (name) => parsed[name] === true,
    rest: end === -1 ? [] : args.slice(end + 1),
  };
}
