/** Permission to continue. Disposing of it returns it. */
export type Permit = Disposable;

/** A permit that calls `release` when it is disposed of first. */
export function permitOnce(release: () => void): Permit {
  let isHeld = true;
  return {
    [Symbol.dispose]() {
      if (isHeld) release();
      isHeld = false;
    },
  };
}

/** No permit for now. Disposing of it does nothing, so that a caller may write `using` before it looks. */
export interface Wait extends Disposable {
  retryAfterMs: number;
}

/** For work that needs no permit. */
export const UNLIMITED: Permit = { [Symbol.dispose]() {} };

export const retryAfter = (retryAfterMs: number): Wait => ({ retryAfterMs, [Symbol.dispose]() {} });

export const mustWait = <P extends Permit>(acquired: P | Wait): acquired is Wait =>
  'retryAfterMs' in acquired;
