/** Reads up to `count` values of a list whose pages are read on demand. */
export async function take<T>(list: AsyncGenerator<T, void, undefined>, count: number) {
  const found: T[] = [];
  while (found.length < count) {
    const { done, value } = await list.next();
    if (done === true) return { found, isDone: true };
    found.push(value);
  }
  return { found, isDone: false };
}
