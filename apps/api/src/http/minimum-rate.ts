/** How slowly a body may arrive. */
export interface MinimumRate {
  /** Least average rate over `windowMs`, once `graceMs` have passed. */
  minBytesPerSecond: number;
  windowMs: number;
  graceMs: number;
  /** Longest time for the whole body, the time that the consumer takes included. */
  longestMs: number;
  checkMs: number;
}
