const EVERY_MS = 10;

/** How late this process's own event loop ran, so that it can be subtracted from measured times. */
export interface OwnDelay {
  /** Milliseconds of delay so far; only differences mean anything. */
  totalMs(): number;
  stop(): void;
}

export function watchOwnDelay(): OwnDelay {
  let before = 0;
  let last = performance.now();
  const pending = () => Math.max(0, performance.now() - last - EVERY_MS - 1);
  const timer = setInterval(() => {
    before += pending();
    last = performance.now();
  }, EVERY_MS);
  return { totalMs: () => before + pending(), stop: () => clearInterval(timer) };
}
