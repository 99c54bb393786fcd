import { say } from '@pixdock/e2e/harness/say';
import type { ScaleResult } from './scale.js';

export function printTable(result: ScaleResult): void {
  const width = Math.max(...result.numbers.map(([name]) => name.length));
  say('');
  for (const [name, value] of result.numbers) say(`${name.padEnd(width)}  ${value}`);
  const failed = result.checks.filter(({ ok }) => !ok).length;
  say(`\n${result.checks.length - failed} passed, ${failed} failed`);
}
