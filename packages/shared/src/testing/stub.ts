/** A part of which a test needs only some methods and fields. Those that it has are checked against the type of the part. */
export function stub<T>(part: Stub<T>): T;
export function stub(part: unknown): unknown {
  return part;
}

type Stub<T> = T extends (...args: infer A) => infer R
  ? (...args: A) => R extends Promise<infer V> ? Promise<Stub<V>> : Stub<R>
  : T extends object
    ? { [K in keyof T]?: Stub<T[K]> }
    : T;
