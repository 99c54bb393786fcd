import { parseArgs } from 'node:util';
import { say } from '@pixdock/e2e/harness/say';
import type { Check } from '../scale/checks.js';

/** The default of an option: a whole number, several of them, or a text. Empty ones stand for none. */
type Default = number | readonly number[] | string;
type ValueOf<D> = D extends number ? number : D extends readonly number[] ? readonly number[] : string;

interface Bench<Defaults extends Record<string, Default>, Result extends object> {
  options: Defaults;
  measure: (given: { [Name in keyof Defaults]: ValueOf<Defaults[Name]> }) => Promise<Result>;
  /** The result for people; `--json` prints it as it is. */
  report: (result: Result) => string;
  judge?: (result: Result) => readonly Check[];
}

export interface Command {
  /** The options with their defaults. */
  usage: string;
  run(args: string[]): Promise<void>;
}

/** Makes a command of a benchmark. */
export function bench<const Defaults extends Record<string, Default>, Result extends object>({
  options,
  measure,
  report,
  judge,
}: Bench<Defaults, Result>): Command {
  const presets = Object.entries(options);
  const usage = presets.map(([name, preset]) => `[--${name} ${String(preset) || '…'}]`);
  return {
    usage: [...usage, '[--json]'].join(' '),
    async run(args) {
      const kinds = presets.map(([name]) => [name, { type: 'string' }] as const);
      const { values } = parseArgs({
        args,
        options: Object.fromEntries<{ type: 'boolean' | 'string' }>([
          ...kinds,
          ['json', { type: 'boolean' }],
        ]),
      });
      const read = presets.map(([name, preset]) => [name, readOption(name, preset, values[name])]);
      const result = await measure(Object.fromEntries(read));
      say(values['json'] === true ? JSON.stringify(result, null, 2) : report(result));
      if (judge === undefined) return;
      const checks = judge(result);
      const failed = checks.filter(({ ok }) => !ok).length;
      sayProgress(`${checks.length - failed} passed, ${failed} failed`);
      process.exitCode = failed === 0 ? 0 : 1;
    },
  };
}

/** Standard output is for the result. */
export const sayProgress = (line: string): void => void process.stderr.write(`${line}\n`);

function readOption(name: string, preset: Default, text: unknown): Default {
  if (typeof text !== 'string') return preset;
  if (typeof preset === 'number') return wholeNumber(name, text, 1);
  return typeof preset === 'string' ? text : text.split(',').map((one) => wholeNumber(name, one, 0));
}

function wholeNumber(name: string, text: string, least: number): number {
  const value = Number(text);
  if (text !== '' && Number.isSafeInteger(value) && value >= least) return value;
  throw new TypeError(`--${name} is a whole number from ${least}, not "${text}"`);
}
