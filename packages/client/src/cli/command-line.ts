/** The options and arguments of a command. */
export interface CommandLine {
  /** The value of `--name VALUE` or `--name=VALUE`, exactly as typed. */
  text(name: string): string | undefined;
  flag(name: string): boolean;
  /** The arguments after `--`. */
  rest: readonly string[];
}

const ALIASES: Readonly<Record<string, string>> = { output: '-o' };

/** Returns options exactly as typed. cac parses numeric values, so a key of digits would lose its leading zeros. */
export function createCommandLine(
  args: readonly string[],
  parsed: Readonly<Record<string, unknown>>,
): CommandLine {
  const end = args.indexOf('--');
  const options = end === -1 ? args : args.slice(0, end);
  return {
    text(name) {
      if (parsed[name] === undefined) return undefined;
      const forms = [`--${name}`, ALIASES[name] ?? `--${name}`];
      const at = options.findLastIndex((arg) =>
        forms.some((form) => arg === form || arg.startsWith(`${form}=`)),
      );
      const arg = options[at] ?? '';
      return arg.includes('=') ? arg.slice(arg.indexOf('=') + 1) : options[at + 1];
    },
    flag: (name) => parsed[name] === true,
    rest: end === -1 ? [] : args.slice(end + 1),
  };
}
