import { mkdir, readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { FORMATS, type ImageFormat } from '@pixdock/contract/media-type';
import { detectFormat } from '@pixdock/shared/state/files/signature';
import { measure } from '../landing/measure.js';
import type { Picture } from '../landing/pictures.js';
import { pixdockSide, startPixdock } from '../landing/sides/pixdock.js';
import { startSink } from '../landing/sink.js';
import type { Renderer } from './renderer.js';

const IN_FLIGHT = 8;

/** Starts the API, the worker and a Redis for a checkout, which land the images in an OSS that keeps nothing. */
export async function startInstallation(
  checkout: string,
  folder: string,
  profile: string,
): Promise<Renderer> {
  await mkdir(folder);
  const sink = await startSink();
  const installation = await startPixdock({ folder, sink, lanes: availableParallelism(), checkout });
  const side = pixdockSide({ name: checkout, isForm: false, profile }, installation, true);
  return {
    async render(paths) {
      const pictures = await Promise.all(paths.map(read));
      return (await measure(side, sink, pictures, IN_FLIGHT)).msPerImage * paths.length;
    },
    async stop() {
      await side.stop();
      await sink.stop();
    },
  };
}

async function read(path: string): Promise<Picture> {
  const body = await readFile(path);
  const format = detectFormat(body);
  if (format === null || !isKnown(format)) throw new Error(`${path} is not an image that Pixdock accepts`);
  return { path, body, type: FORMATS[format].mediaType };
}

const isKnown = (format: string): format is ImageFormat => format in FORMATS;
