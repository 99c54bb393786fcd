/** A stream of the chunks, made by hand: ReadableStream.from and iteration of streams are not in every browser yet. */
export function toStream(
  source: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>,
  /** May turn the error into another one. */
  onFault: (error: unknown) => unknown = (error) => error,
): ReadableStream<Uint8Array> {
  const chunks = source instanceof ReadableStream ? chunksOf(source) : source[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await chunks.next();
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (error) {
        controller.error(onFault(error));
      }
    },
    async cancel(reason) {
      await chunks.return?.(reason);
    },
  });
}

/** The chunks of a stream as they come, or what it fails with; whoever stops early cancels the stream. */
export async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      ended = done;
      if (done) return;
      yield value;
    }
  } finally {
    if (!ended) await reader.cancel().catch(() => {});
    reader.releaseLock();
  }
}

/** Browsers send no streams; Chromium does over HTTP/2 alone, which is not told beforehand. */
const streamsBodies = () => !('document' in globalThis || 'importScripts' in globalThis);

/** What `fetch` can send here: a stream as it is, or else all of it in a Blob, which browsers keep outside of the page's memory. */
export async function toSendable(
  body: Blob | ReadableStream<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<Blob | ReadableStream<Uint8Array>> {
  if (body instanceof Blob || streamsBodies()) return body;
  const abortable = body.pipeThrough(new TransformStream(), signal === undefined ? {} : { signal });
  return new Response(abortable).blob();
}
