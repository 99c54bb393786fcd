import { ERROR_CODES, type ErrorCode } from '@pixdock/contract/error-table';
import { parseQuantity } from '@pixdock/contract/quantity';
import { UsageError } from './exit.js';
import type { Shell } from './shell.js';

const UNITS = { s: 1000, min: 60_000, h: 3600_000, d: 24 * 3600_000 };

/** The error code in `--code`. @throws UsageError */
export function codeOf({ commandLine, say }: Shell): ErrorCode | undefined {
  const text = commandLine.text('code');
  const code = ERROR_CODES.find((known) => known === text);
  if (text !== code) throw new UsageError(say('invalid-code', { code: text ?? '' }));
  return code;
}

/** The status in `--status`. @throws UsageError */
export function statusOf<Status extends string>(
  { commandLine, say }: Shell,
  known: readonly Status[],
): Status | undefined {
  const text = commandLine.text('status');
  const status = known.find((one) => one === text);
  if (text !== status) throw new UsageError(say('invalid-status', { status: text ?? '', known }));
  return status;
}

/** The values in `--metadata`; undefined without any. @throws UsageError */
export function metadataOf({ commandLine, say }: Shell): Record<string, string> | undefined {
  const pairs = commandLine.all('metadata').map((text) => {
    const at = text.indexOf('=');
    if (at < 1) throw new UsageError(say('invalid-metadata', { text }));
    return [text.slice(0, at), text.slice(at + 1)];
  });
  return pairs.length === 0 ? undefined : Object.fromEntries(pairs);
}

/** The seconds in `--delete-after`. @throws UsageError */
export const deleteAfterOf = (shell: Shell): number | undefined => secondsIn(shell, 'delete-after');

/** The seconds in an option that is a duration. @throws UsageError */
export function secondsIn(
  { commandLine, say }: Shell,
  option: 'delete-after' | 'expires',
): number | undefined {
  const text = commandLine.text(option);
  if (text === undefined) return undefined;
  const ms = parseQuantity(text, UNITS);
  if (ms === null || ms < 1000) throw new UsageError(say('invalid-duration', { option, text }));
  return Math.floor(ms / 1000);
}

/** The time in `--since` or `--until`: a time, or a duration until now. @throws UsageError */
export function timeOf({ commandLine, say }: Shell, option: 'since' | 'until'): string | undefined {
  const text = commandLine.text(option);
  if (text === undefined) return undefined;
  const ago = parseQuantity(text, UNITS);
  const time = ago === null ? parseTime(text) : new Date(Date.now() - ago);
  if (time === null || Number.isNaN(time.getTime()))
    throw new UsageError(say('invalid-point-in-time', { option, text }));
  return time.toISOString();
}

/** A time such as 2027-01-31T08:00:00Z, or null. JavaScript alone would read "90" as a year. */
export function parseTime(text: string): Date | null {
  const time = new Date(text);
  return /^\d{4}-\d{2}/.test(text) && !Number.isNaN(time.getTime()) ? time : null;
}
