import { closeSync, fstatSync, openSync, readSync, renameSync, statSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { complain } from './say.mjs';

const ROTATE_BYTES = 10 * 1024 * 1024;
const READ_BYTES = 64 * 1024;
const POLL_MS = 250;

/**
 * Opens a child's log file. The child writes to `fd` directly, so that it can still write when the launcher is dead.
 * @param onLine receives each line written from now on.
 */
export function openLog(path, onLine) {
  if (statSync(path, { throwIfNoEntry: false })?.size > ROTATE_BYTES) renameSync(path, `${path}.1`);
  const fd = openSync(path, 'a+', 0o600);
  const buffer = Buffer.alloc(READ_BYTES);
  const decoder = new StringDecoder('utf8');
  let position = fstatSync(fd).size;
  let rest = '';
  const timer = setInterval(read, POLL_MS).unref();

  function read() {
    for (;;) {
      const count = readSync(fd, buffer, 0, READ_BYTES, position);
      if (count === 0) return;
      position += count;
      take(decoder.write(buffer.subarray(0, count)));
    }
  }

  function take(text) {
    const lines = (rest + text).split('\n');
    rest = lines.pop();
    for (const line of lines) if (line.trim() !== '') onLine(line);
  }

  /** Reads the rest, also a line without an end: its writer has ended. */
  function finish() {
    read();
    take('\n');
  }

  function close() {
    finish();
    clearInterval(timer);
    closeSync(fd);
  }

  return { fd, read, finish, close };
}

const NAMES = { 40: 'WARN  ', 50: 'ERROR ', 60: 'FATAL ' };
// A fix has up to 250 characters.
const MAX_LENGTH = 500;
const REPEAT_MS = 10_000;
const STACK = /^\s+at |^\s*\^+\s*$|^\s*throw |^node:|^Node\.js v|^\s*$/;

/** Shows warnings and errors of a service's log at the terminal, each once in ten seconds. */
export function terminalLog(service) {
  const shown = new Set();
  setInterval(() => shown.clear(), REPEAT_MS).unref();
  return (line) => {
    const text = forTerminal(service, line);
    if (text === null || shown.has(text)) return;
    shown.add(text);
    complain(text);
  };
}

/** A line of a service's log as the terminal shows it; null for a line below a warning. */
export function forTerminal(service, line) {
  const entry = parse(line);
  return entry === null ? null : `${service.padEnd(7)} ${entry.name}${clip(entry.text)}`;
}

/** The last warnings, errors and plain text in lines of a log, without levels and stacks. */
export function wordsOf(lines, count) {
  const texts = lines.flatMap((line) => parse(line)?.text ?? []).filter((text) => !STACK.test(text));
  return texts.slice(-count).join('\n');
}

/** pino writes JSON; a child's other output (a stack, an invalid setting) is text. Returns null for a line below a warning. */
function parse(line) {
  try {
    const entry = JSON.parse(line);
    if (typeof entry.level === 'number')
      return entry.level in NAMES ? { name: NAMES[entry.level], text: wordsIn(entry) || line } : null;
  } catch {
    // Text.
  }
  return { name: '', text: line };
}

/** The message, its cause, the error code and the fix, each once; logs are English. */
function wordsIn({ msg = '', err, code = err?.code, fix }) {
  const reason = err?.message ?? '';
  const text = msg.includes(reason) ? msg : `${msg}: ${reason}`;
  const coded = code === undefined || text.includes(code) ? text : `${text} (${code})`;
  return fix === undefined ? coded : `${coded}. Fix: ${fix}`;
}

// Control characters could move the cursor, and logged text may come from a caller.
function clip(text) {
  const clean = text.replaceAll(/(?![\n\t])\p{Cc}/gu, ' ');
  return clean.length > MAX_LENGTH ? `${clean.slice(0, MAX_LENGTH)} …` : clean;
}
