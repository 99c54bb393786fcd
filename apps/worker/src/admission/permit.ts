/** Permission to continue. Disposing of it returns it. */
export type Permit = Disposable;

/** No permit for now. Disposing of it does nothing, so that a caller may write `using` before it looks. */
export interface Wait extends Disposable {
  retryAfterMs: number;
}

/** For work that needs no permit. */
export const UNLIMITED: Permit = { [Symbol.dispose]() {} };

export const retryAfter = (retryAfterMs: number): Wait => ({ retryAfterMs, [Symbol.dispose]() {} });

export const mustWait = <P extends Permit>(acquired: P | Wait): acquired is Wait =>
  'retryAfterMs' in acquired;
