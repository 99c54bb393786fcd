import type { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { detailOf } from '@pixdock/contract/messages/detail';
import type { Clock } from './clock.js';
import { SourceFault, tooLarge, unreachable } from './fault.js';
import type { HttpResponse } from './send-request.js';

type Chunks = AsyncIterable<Buffer>;

/**
 * Passes the decoded body to `write`, and stops once it exceeds `maxBytes`.
 * @throws SourceFault source_too_large, source_unreachable; errors of `write`, unchanged
 */
export async function readBody(
  response: HttpResponse,
  maxBytes: number,
  clock: Clock,
  write: (chunk: Buffer) => Promise<void>,
): Promise<void> {
  const announced = Number(response.header('content-length') ?? 0);
  if (announced > maxBytes) throw tooLarge(maxBytes, announced);
  const decoder = decoderOf(response.header('content-encoding'));
  const capped = (chunks: Chunks) => cap(chunks, maxBytes);
  const received = capped(timed(response.body, clock));
  let refused: { error: unknown } | null = null;
  const sink = async (chunks: Chunks) => {
    for await (const chunk of chunks) {
      await write(chunk).catch((error: unknown) => {
        refused = { error };
        throw error;
      });
    }
  };
  try {
    await (decoder === null ? sink(received) : pipeline(received, decoder, capped, sink));
    if (response.isCut()) throw unreachable('source-cut-off', null);
  } catch (error) {
    const thrown = refused as { error: unknown } | null;
    throw thrown === null ? unreachable('source-cut-off', error) : thrown.error;
  }
}

/** The request accepts no encoding, but some servers send one anyway. */
function decoderOf(encoding: string | null): Transform | null {
  switch (encoding?.trim().toLowerCase() ?? 'identity') {
    case 'identity':
      return null;
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'deflate':
      return createInflate();
    case 'br':
      return createBrotliDecompress();
    default:
      throw new SourceFault('source_unreachable', detailOf('source-content-encoding'), false);
  }
}

/** The idle timeout runs only while the source is silent, not while staging is slow. */
async function* timed(body: Readable, clock: Clock): AsyncGenerator<Buffer> {
  clock.enter('idle');
  for await (const chunk of body as Chunks) {
    clock.rest();
    yield chunk;
    clock.enter('idle');
  }
  clock.rest();
}

/** Used on both sides of a decoder: an endless compressed body may decode to nothing. */
async function* cap(chunks: Chunks, maxBytes: number): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    yield chunk;
  }
}
