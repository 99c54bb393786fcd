/** Renders images with the compiled code of a checkout. */
export interface Renderer {
  /** CPU time in ms that its processes take for all of them. */
  render(paths: readonly string[]): Promise<number>;
  stop(): Promise<void>;
}
