import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { killOnExit } from '@pixdock/shared/testing/kill-on-exit';
import { type Decoded, type Decoder, shownDelay } from './decoder.js';
import { decodeGif } from './gif.js';

const SCRIPT = fileURLToPath(new URL('decode.py', import.meta.url));

type Answer =
  | { error: string }
  | (Pick<Decoded, 'width' | 'height' | 'delays' | 'plays' | 'colour' | 'bits' | 'quality'> & {
      error?: never;
    });

/** Pillow in one Python process. It also scales, applies profiles and turns images upright. */
export async function openPillow(python: string): Promise<Decoder> {
  const folder = await mkdtemp(join(tmpdir(), 'pixdock-fidelity-'));
  const child = killOnExit(spawn(python, [SCRIPT]));
  const ask = askOneByOne(child);
  let count = 0;
  return {
    canScale: true,
    async decode(file, size) {
      // Pillow shows black or the background colour where browsers show a transparent canvas.
      if (file.format === 'gif') {
        const gif = await decodeGif(file);
        if (size === undefined || (gif.width === size.width && gif.height === size.height)) return gif;
      }
      const pixels = join(folder, String(count++));
      const request = {
        path: file.path,
        pixels,
        size: size && [size.width, size.height],
        maxFrames: file.maxFrames,
      };
      const answer = await ask(request);
      if (answer.error === undefined) return decodedFrom(answer, pixels);
      await rm(pixels, { force: true });
      throw new Error(answer.error);
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function decodedFrom(answer: Exclude<Answer, { error: string }>, path: string): Promise<Decoded> {
  const file = await open(path);
  const bytes = answer.width * answer.height * 4;
  return {
    ...answer,
    delays: answer.delays.map(shownDelay),
    async frame(index) {
      const frame = new Uint8Array(bytes);
      await file.read(frame, 0, bytes, index * bytes);
      return frame;
    },
    async [Symbol.asyncDispose]() {
      await file.close();
      await rm(path, { force: true });
    },
  };
}

/** The process answers in the order of the requests. */
function askOneByOne(child: ChildProcessWithoutNullStreams) {
  const waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void }[] = [];
  let errors = '';
  child.stderr.on('data', (text) => (errors = (errors + String(text)).slice(-2000)));
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.resolve(JSON.parse(line)));
  const rejectAll = () => {
    for (const { reject } of waiting.splice(0)) reject(new Error(`the decoder ended: ${errors}`));
  };
  child.once('close', rejectAll);
  child.stdin.on('error', rejectAll);
  return (request: object) =>
    new Promise<Answer>((resolve, reject) => {
      waiting.push({ resolve, reject });
      child.stdin.write(`${JSON.stringify(request)}\n`);
    });
}
