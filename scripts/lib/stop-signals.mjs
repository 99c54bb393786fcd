import { readFileSync } from 'node:fs';

// npm passes the terminal's Ctrl-C on to the launcher, which gets it too: one press arrives twice.
const ONE_PRESS_MS = 700;
const PARENT_CHECK_MS = 1000;

/** Two AbortSignals: `stop` at the first SIGINT, SIGTERM or SIGHUP (or when npm has ended), `force` at a later one. */
export function listenForStop() {
  const stop = new AbortController();
  const force = new AbortController();
  let firstAt = 0;
  const receive = (name) => {
    const now = performance.now();
    if (!stop.signal.aborted) {
      firstAt = now;
      stop.abort(new Interrupted(name));
    } else if (now - firstAt > ONE_PRESS_MS) force.abort();
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, receive);
  if (process.env.npm_lifecycle_event !== undefined) watchParent(() => stop.abort(new Interrupted('SIGHUP')));
  return { stop: stop.signal, force: force.signal };
}

/** A signal, named in the message, has ended this. */
export class Interrupted extends Error {}

/** Whoever kills npm means what npm runs. */
function watchParent(onGone) {
  const parents = parentChain();
  const timer = setInterval(() => {
    if (parentChain() === parents) return;
    clearInterval(timer);
    onGone();
  }, PARENT_CHECK_MS);
  timer.unref();
}

/** npm runs scripts with a shell, which either becomes this process or stays between npm and this process. */
function parentChain() {
  try {
    // proc_pid_stat(5): the name in parentheses, the state, the parent.
    const stat = readFileSync(`/proc/${process.ppid}/stat`, 'utf8');
    const [, parent] = /\((?:ba|da|a|z|k)?sh\) \S (\d+)/.exec(stat) ?? [];
    return `${process.ppid} ${parent}`;
  } catch {
    return String(process.ppid);
  }
}
