import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { makePictures, type Picture } from './pictures.js';
import type { Side } from './side.js';
import { type How, type Installation, pixdockSide, startPixdock } from './sides/pixdock.js';
import { type Sink, startSink } from './sink.js';

export interface StageOptions {
  /** Decoder processes; by default one for each core. */
  lanes?: number;
  /** Factor on the width and the height of the pictures. */
  scale?: number;
  /** How many processes; one by default. */
  apis?: number;
  workers?: number;
}

interface Stage extends AsyncDisposable {
  sink: Sink;
  installation: Installation;
  side: Side;
  pictures: readonly Picture[];
}

/** Different pictures: JPEG, PNG and WebP, from 0.3 to 24 MP. More take long to generate. */
const DIFFERENT = 20;

/** Starts an installation that lands generated pictures in an OSS that keeps nothing. */
export async function openStage(
  how: How,
  { lanes = availableParallelism(), scale = 1, apis = 1, workers = 1 }: StageOptions,
): Promise<Stage> {
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'pixdock-bench-'));
  opened.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const sink = opened.adopt(await startSink(), (started) => started.stop());
  const installation = await startPixdock({ folder, sink, lanes, apis, workers });
  const side = opened.adopt(pixdockSide(how, installation, true), (started) => started.stop());
  const pictures = await makePictures(folder, DIFFERENT, scale);
  const remaining = opened.move();
  return { sink, installation, side, pictures, [Symbol.asyncDispose]: () => remaining.disposeAsync() };
}
