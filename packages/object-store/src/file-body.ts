import { Readable } from 'node:stream';

/** A body that is read again for each try. */
export interface FileBody {
  bytes: number;
  /** Hex. */
  md5: string;
  open(): Readable;
}

/** Streams the body, which is opened once someone reads. The stream fails if the body has another length. */
export function streamOf(body: FileBody): Readable {
  return Readable.from(exactly(body), { objectMode: false });
}

/** OSS would wait for missing bytes until the timeout, and take further ones for the next request. */
async function* exactly(body: FileBody): AsyncGenerator<Buffer> {
  let rest = body.bytes;
  for await (const chunk of body.open()) {
    rest -= chunk.length;
    if (rest < 0) break;
    yield chunk;
  }
  if (rest !== 0) throw new Error(`The body does not have the announced ${body.bytes} bytes`);
}
