/** A part with only the methods and fields that a test needs; each is checked against the type of the part. */
export function stub<T>(part: Stub<T>): T;
export function stub(part: unknown): unknown {
  return part;
}

type Stub<T> = T extends (...args: infer A) => infer R
  ? (...args: A) => R extends Promise<infer V> ? Promise<Stub<V>> : Stub<R>
  : T extends object
    ? { [K in keyof T]?: Stub<T[K]> }
    : T;
