/** Options of every call. */
export interface CallOptions {
  /** Aborts the call, which then throws its reason. */
  signal?: AbortSignal | undefined;
}
