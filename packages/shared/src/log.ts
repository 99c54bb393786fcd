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

/** A logger of one process: JSON lines on stdout, secrets redacted, errors by message and stack only. */
export function createLog(name: string, level = 'info', destination?: DestinationStream): Logger {
  const options = {
    name,
    level,
    timestamp: stdTimeFunctions.isoTime,
    redact: { paths: REDACTED, censor: '[redacted]' },
    serializers: { err: errorFields },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

// Errors of HTTP clients carry whole requests and payloads as properties, so only known fields are taken.
function errorFields(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message, stack } = error;
  const code = 'code' in error ? error.code : undefined;
  const cause = error.cause === undefined ? undefined : errorFields(error.cause);
  return { name, message, code, stack, cause };
}
