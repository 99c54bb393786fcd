import { parentOf } from './process-identity.mjs';

// npm passes the terminal's Ctrl-C on to us, who got it too: one press arrives twice.
const ONE_PRESS_MS = 700;
const PARENT_CHECK_MS = 1000;

/** Two AbortSignals: `stop` at the first SIGINT, SIGTERM or SIGHUP (or when npm is gone), `force` at a later one. */
export function listenForStop() {
  const stop = new AbortController();
  const force = new AbortController();
  let firstAt = 0;
  const hear = (name) => {
    const now = performance.now();
    if (!stop.signal.aborted) {
      firstAt = now;
      stop.abort(new Interrupted(name));
    } else if (now - firstAt > ONE_PRESS_MS) force.abort();
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, hear);
  if (process.env.npm_lifecycle_event !== undefined) watchParent(() => stop.abort(new Interrupted('SIGHUP')));
  return { stop: stop.signal, force: force.signal };
}

export class Interrupted extends Error {
  constructor(name) {
    super(`stopped by ${name}`);
  }
}

// Between npm and us there is the shell that it runs scripts with, unless that shell has become us.
function parentChain() {
  const above = parentOf(process.ppid);
  const isShell = above !== null && /^(ba|da|a|z|k)?sh$/.test(above.program);
  return isShell ? `${process.ppid} ${above.parent}` : String(process.ppid);
}

// Whoever kills npm means what npm runs.
function watchParent(onGone) {
  const parents = parentChain();
  const timer = setInterval(() => {
    if (parentChain() === parents) return;
    clearInterval(timer);
    onGone();
  }, PARENT_CHECK_MS);
  timer.unref();
}
