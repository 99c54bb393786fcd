import { createReadStream, type PathLike } from 'node:fs';
import type { OpenableSource } from '../../http/body.js';

/** Observes the upload of a file. */
export interface UploadObserver {
  /** Called at the beginning of each try. */
  started: () => void;
  sent: (bytes: number) => void;
}

/** A file as a repeatable body. Fails with ESHORT if the file shrinks while it is read. */
export function openFile(path: PathLike, size: number, observer: UploadObserver): OpenableSource {
  return { size, open: () => readFile(path, size, observer) };
}

async function* readFile(
  path: PathLike,
  size: number,
  { started, sent }: UploadObserver,
): AsyncGenerator<Uint8Array> {
  started();
  let remaining = size;
  for await (const chunk of createReadStream(path, { end: Math.max(0, size - 1) }) as AsyncIterable<Buffer>) {
    yield chunk;
    remaining -= chunk.length;
    sent(chunk.length);
  }
  if (remaining > 0)
    throw Object.assign(new Error('the file became shorter while it was read'), { code: 'ESHORT' });
}
