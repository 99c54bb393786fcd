import { fileURLToPath } from 'node:url';
import { type Bindings, type ChildLoggerOptions, type DestinationStream, type Logger, pino } from 'pino';
import { openLogDestination } from './log-destination.js';
import { redact } from './redact.js';
import { isTracing, traceFields } from './trace.js';

export type { Logger } from 'pino';

/** Addresses and paths of the installation, each with the name of its setting. */
export type Places = readonly (readonly [place: string, setting: string])[];

export interface LogOptions {
  level?: string;
  /** Errors contain the names of the settings in place of these. */
  places?: Places;
  /** Replaces stdout. */
  destination?: DestinationStream;
}

/**
 * Creates the logger of a process: JSON lines without secrets. Errors have a message and a stack without paths of this machine
 * and without `places`.
 */
export function createLog(
  name: string,
  { level = 'info', places = [], destination = openLogDestination() }: LogOptions = {},
): Logger {
  const hide = hiding(places);
  const options = {
    name,
    level,
    timestamp: openTimestamp(),
    ...(isTracing() ? { mixin: traceFields } : {}),
    formatters: { log: redactFields },
    serializers: { err: (error: unknown) => errorFields(error, hide) },
  };
  const log: Logger = pino(options, destination);
  return Object.assign(log, { child: redactedChild(log) });
}

/** The time of a line, which the lines of a millisecond share, because formatting it takes a quarter of a line. */
function openTimestamp(): () => string {
  let formattedMs = 0;
  let member = '';
  return () => {
    const now = Date.now();
    if (now !== formattedMs) {
      formattedMs = now;
      member = `,"time":"${new Date(now).toISOString()}"`;
    }
    return member;
  };
}

const redactFields = (fields: Record<string, unknown>) => redact(fields);

interface HasChild {
  child: (this: Logger, bindings: Bindings, options?: ChildLoggerOptions) => Logger;
}

/** Pino applies no formatter to the bindings of a child. */
function redactedChild({ child }: HasChild): HasChild['child'] {
  return function redacted(bindings, options) {
    return child.call(this, redact(bindings), options);
  };
}

/** JSON.parse quotes the text around the error: a part of a record or a row. */
const withoutJson = (message: string) =>
  message.replace(/(?:\.{3})?"[^]*" is not valid JSON$/, 'the text is not valid JSON');

type Hide = (text: string) => string;

// Errors of HTTP clients have whole requests and payloads as properties: log known fields only.
function errorFields(error: unknown, hide: Hide): object {
  if (!(error instanceof Error)) return { message: hide(String(error)) };
  const { name } = error;
  const message = withoutJson(error.message);
  const stack = hide(
    String(error.stack).replace(error.message, message).split('\n').map(fromOurCode).join('\n'),
  );
  const code = 'code' in error ? error.code : undefined;
  const cause = error.cause === undefined ? undefined : errorFields(error.cause, hide);
  return { name, message: hide(message), code, stack, cause };
}

/** Replaces places, except where they are a part of another name or path. */
function hiding(places: Places): Hide {
  const patterns = places.map(
    ([place, setting]) =>
      [new RegExp(`(?<![\\w-]|(?<!/)/)${escaped(place)}(?![\\w-])`, 'gi'), `$$${setting}`] as const,
  );
  return (text) =>
    patterns.reduce((hidden, [pattern, setting]) => hidden.replace(pattern, setting), withoutCheckout(text));
}

// Node's errors contain the path of a module that cannot be loaded, and messages may contain a child's stderr.
const CHECKOUT_URL = new URL('../../../../', import.meta.url);
const CHECKOUT = fileURLToPath(CHECKOUT_URL);
const withoutCheckout = (text: string) => text.replaceAll(CHECKOUT_URL.href, '').replaceAll(CHECKOUT, '');

const escaped = (text: string) => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);

/** A line of a stack without the path on this machine: from our folders on, or the file name alone. */
function fromOurCode(line: string): string {
  return line.startsWith('    at ') && line.length < LONGEST_LINE ? line.replace(ABOVE, '') : line;
}

const LONGEST_LINE = 1000;
const ABOVE = /(?<=[ (])(?:file:\/\/)?\/(?:[^()]*?\/(?=(?:apps|packages|node_modules|dist)\/)|[^()]*\/)/;
