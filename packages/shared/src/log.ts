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
  /** Told by the names of their settings. */
  places?: Places;
  /** In place of stdout. */
  destination?: DestinationStream;
}

/**
 * A logger of one process: JSON lines, secrets redacted, errors by message and stack only, no path of this machine and
 * none of `places`.
 */
export function createLog(
  name: string,
  { level = 'info', places = [], destination }: LogOptions = {},
): Logger {
  const hidden = places.map(
    ([place, setting]) => [JSON.stringify(place).slice(1, -1), `$${setting}`] as const,
  );
  const options = {
    name,
    level,
    timestamp: stdTimeFunctions.isoTime,
    redact: { paths: REDACTED, censor: '[redacted]' },
    serializers: { err: errorFields },
    hooks: {
      streamWrite: (line: string) =>
        hidden.reduce((text, [place, setting]) => text.replaceAll(place, setting), line),
    },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

// Errors of HTTP clients carry whole requests and payloads as properties, so only known fields are taken.
function errorFields(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message } = error;
  const stack = error.stack?.split('\n').map(fromOurCode).join('\n');
  const code = 'code' in error ? error.code : undefined;
  const cause = error.cause === undefined ? undefined : errorFields(error.cause);
  return { name, message, code, stack, cause };
}

/** A line of a stack, without where on this machine our code is installed. */
function fromOurCode(line: string): string {
  return line.startsWith('    at ') ? line.replace(ABOVE_OUR_CODE, '') : line;
}

const ABOVE_OUR_CODE = /(?:file:\/\/)?\/[^\s()]*?\/(?=(?:apps|packages|node_modules|dist)\/)/;
