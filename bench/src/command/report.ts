import { say } from '@pixdock/e2e/harness/say';
import type { Check } from '../scale/checks.js';

/** Standard output is for the result. */
export const sayProgress = (line: string): void => void process.stderr.write(`${line}\n`);

/** Prints how many checks hold, and sets the exit code. */
export function endWith(checks: readonly Check[]): void {
  const failed = checks.filter(({ ok }) => !ok).length;
  sayProgress(`${checks.length - failed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

export const sayResult = (result: object, isJson: boolean, text: () => string): void =>
  say(isJson ? JSON.stringify(result, null, 2) : text());
