import { complain } from './say.mjs';

const WARN = 40;
const NAMES = { 40: 'WARN', 50: 'ERROR', 60: 'FATAL' };
const MAX_LENGTH = 300;
const REPEAT_MS = 10_000;
const REMEMBERED = 1000;

/** Shows the lines of a service's log that are for the person at the terminal, each once in a while. */
export function terminalLog(service) {
  const shownAt = new Map();
  return (line) => {
    const text = forTerminal(service, line);
    const now = performance.now();
    if (text === null || now - (shownAt.get(text) ?? -REPEAT_MS) < REPEAT_MS) return;
    if (shownAt.size > REMEMBERED) shownAt.clear();
    shownAt.set(text, now);
    complain(text);
  };
}

/** What a line of a child's log says to the person at the terminal; null when it is not for them. */
export function forTerminal(service, line) {
  const entry = parse(line);
  if (entry === null) return `${service.padEnd(7)} ${clip(line)}`;
  if (!(entry.level >= WARN)) return null;
  const name = NAMES[entry.level] ?? 'WARN';
  const reason = entry.err?.message;
  const text =
    reason === undefined || entry.msg?.includes(reason) ? entry.msg : `${entry.msg ?? ''}: ${reason}`;
  return `${service.padEnd(7)} ${name.padEnd(5)} ${clip(text ?? line)}`;
}

/** What lines of a log say about an end, without levels, stacks and what nobody needs; for a message of our own. */
export function wordsOf(lines, count) {
  return lines.map(words).filter(Boolean).slice(-count).join('\n');
}

const STACK = /^\s+at |^\s*\^+\s*$|^\s*throw |^node:|^Node\.js v|^\s*$/;

function words(line) {
  const entry = parse(line);
  if (entry === null) return STACK.test(line) ? null : line;
  return entry.level >= WARN ? [entry.msg, entry.err?.message].filter(Boolean).join(': ') : null;
}

// Only what pino writes; a child's other output (a stack, a settings fault) is text.
function parse(line) {
  if (!line.startsWith('{')) return null;
  try {
    const entry = JSON.parse(line);
    return typeof entry.level === 'number' ? entry : null;
  } catch {
    return null;
  }
}

// Control characters could move the cursor: what is logged may come from anywhere.
function clip(text) {
  const clean = text.replaceAll(/(?![\n\t])\p{Cc}/gu, ' ');
  return clean.length > MAX_LENGTH ? `${clean.slice(0, MAX_LENGTH)} …` : clean;
}
