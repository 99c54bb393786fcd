/** Converts chunks to a stream without ReadableStream.from and stream iteration, which some browsers lack. */
export function toStream(
  source: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>,
  /** Maps an error of the source. */
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

/** Yields the chunks of a stream; cancels the stream if the consumer stops early. */
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

/** Browsers cannot send streams; Chromium can, but only over HTTP/2, which is not known in advance. */
export const streamsBodies = () => !('document' in globalThis || 'importScripts' in globalThis);

/** Converts a stream to a Blob where `fetch` cannot send streams. Browsers keep a Blob outside the memory of the page. */
export async function toSendable(
  body: Blob | ReadableStream<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<Blob | ReadableStream<Uint8Array>> {
  if (body instanceof Blob || streamsBodies()) return body;
  const abortable = body.pipeThrough(new TransformStream(), signal === undefined ? {} : { signal });
  return new Response(abortable).blob();
}
