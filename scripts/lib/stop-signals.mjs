// npm passes the terminal's Ctrl-C on to the launcher, which gets it too: one press arrives twice.
const ONE_PRESS_MS = 700;
const PARENT_CHECK_MS = 1000;

/** A signal, named in the message, has ended this. */
export class Interrupted extends Error {}

/** Two AbortSignals: `stop` at the first SIGINT, SIGTERM or SIGHUP (or when npm has ended), `force` at a later one. */
export function listenForStop() {
  const stop = new AbortController();
  const force = new AbortController();
  let firstAt = 0;
  const receive = (name) => {
    if (!stop.signal.aborted) firstAt = performance.now();
    else if (performance.now() - firstAt > ONE_PRESS_MS) force.abort();
    stop.abort(new Interrupted(name));
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, receive);
  // A signal to npm is meant for the program that npm runs: package.json starts it with `exec`, so npm is its parent.
  const parent = process.ppid;
  const checkParent = () => process.ppid === parent || stop.abort(new Interrupted('SIGHUP'));
  if (process.env.npm_lifecycle_event !== undefined) setInterval(checkParent, PARENT_CHECK_MS).unref();
  return { stop: stop.signal, force: force.signal };
}
