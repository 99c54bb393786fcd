import { complain } from './say.mjs';

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
