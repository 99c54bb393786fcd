/** The minimum rate of a request body. */
export interface MinimumRate {
  /** Minimum average over `windowMs`, once `graceMs` have passed. */
  minBytesPerSecond: number;
  windowMs: number;
  graceMs: number;
  /** Longest time for the whole body, including the time that the consumer takes. */
  longestMs: number;
  checkMs: number;
}
