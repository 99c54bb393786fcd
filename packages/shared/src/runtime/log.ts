import { fileURLToPath } from 'node:url';
import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';

export type { Logger } from 'pino';

// Whatever bears one of these names is a secret or a payload, wherever it turns up in what is logged.
const SECRET_NAMES = [
  'authorization',
  'apiKey',
  'accessKeyId',
  'accessKeySecret',
  'securityToken',
  'cookie',
  'password',
];
const REDACTED = SECRET_NAMES.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

/** Where a service's own parts are, each with the name of the setting that says so. */
export type Places = readonly (readonly [place: string, setting: string])[];

export interface LogOptions {
  level?: string;
  /** What errors tell of these is told by the names of their settings. */
  places?: Places;
  /** In place of stdout. */
  destination?: DestinationStream;
}

/**
 * A logger of one process: JSON lines, secrets redacted, errors by message and stack only, and these without paths of this
 * machine or any of `places`.
 */
export function createLog(
  name: string,
  { level = 'info', places = [], destination }: LogOptions = {},
): Logger {
  const hide = hiding(places);
  const options = {
    name,
    level,
    timestamp: stdTimeFunctions.isoTime,
    redact: { paths: REDACTED, censor: '[redacted]' },
    serializers: { err: (error: unknown) => errorFields(error, hide) },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

type Hide = (text: string) => string;

// Errors of HTTP clients carry whole requests and payloads as properties, so only known fields are taken.
function errorFields(error: unknown, hide: Hide): object {
  if (!(error instanceof Error)) return { message: hide(String(error)) };
  const { name, message } = error;
  const stack = hide(String(error.stack).split('\n').map(fromOurCode).join('\n'));
  const code = 'code' in error ? error.code : undefined;
  const cause = error.cause === undefined ? undefined : errorFields(error.cause, hide);
  return { name, message: hide(message), code, stack, cause };
}

/** Replaces places where they stand by themselves, and not as a part of another name or path. */
function hiding(places: Places): Hide {
  const patterns = places.map(
    ([place, setting]) =>
      [new RegExp(`(?<![\\w-]|(?<!/)/)${escaped(place)}(?![\\w-])`, 'gi'), `$$${setting}`] as const,
  );
  return (text) =>
    patterns.reduce((hidden, [pattern, setting]) => hidden.replace(pattern, setting), withoutCheckout(text));
}

// Node tells where a module is that cannot be loaded; what a child wrote to stderr becomes a message.
const CHECKOUT_URL = new URL('../../../../', import.meta.url);
const CHECKOUT = fileURLToPath(CHECKOUT_URL);
const withoutCheckout = (text: string) => text.replaceAll(CHECKOUT_URL.href, '').replaceAll(CHECKOUT, '');

const escaped = (text: string) => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);

/** A line of a stack, without where on this machine the code is: from our folders on, or else the file's name alone. */
function fromOurCode(line: string): string {
  return line.startsWith('    at ') && line.length < LONGEST_LINE ? line.replace(ABOVE, '') : line;
}

const LONGEST_LINE = 1000;
const ABOVE = /(?<=[ (])(?:file:\/\/)?\/(?:[^()]*?\/(?=(?:apps|packages|node_modules|dist)\/)|[^()]*\/)/;
