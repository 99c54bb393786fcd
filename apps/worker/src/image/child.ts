import { once } from 'node:events';
import { Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import sharp from 'sharp';
import type { FromChild } from './from-child.js';
import { readLines } from './lines.js';
import { MACHINE_CODES } from './machine-codes.js';
import { CHANNEL_FD, type Order, type Setup, SOURCE_FILE, type ToChild } from './protocol.js';
import { Refusal } from './refusal.js';
import { renderVariants } from './render-variants.js';
import type { ImageLimits } from './types.js';

/*
 * The process that decodes hostile bytes. It has no secrets and can reach only its lane's folder. It dies with its worker:
 * at once when the channel closes, or within half a second if its event loop is blocked.
 */
const killSelf = () => process.kill(process.pid, 'SIGKILL');
const channel = new Socket({ fd: CHANNEL_FD });
channel.on('error', killSelf);
channel.on('close', killSelf);
// A terminal sends Ctrl-C to this process too; the worker decides when it ends.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
const watchdog = new Worker(new URL('./watchdog.js', import.meta.url), {
  workerData: Number(process.argv[2]),
});
watchdog.on('error', killSelf);
const watching = once(watchdog, 'message');

let settings: Setup | null = null;

readLines(
  channel,
  (line) => {
    const message = JSON.parse(line) as ToChild;
    if (message.type === 'setup') void setUp(message);
    else void perform(message);
  },
  killSelf,
);

async function setUp(setup: Setup): Promise<void> {
  sharp.cache(false);
  sharp.concurrency(1);
  allowLoaders(setup.limits);
  settings = setup;
  process.chdir(setup.folder);
  // The new user may not be able to read the watchdog's file.
  await watching;
  send({ type: 'ready', droppedRoot: setup.identity !== null && switchUser(setup.identity) });
}

// Unblocking a whole family covers its loaders for files and for buffers.
const LOADERS = {
  jpeg: 'VipsForeignLoadJpeg',
  png: 'VipsForeignLoadPng',
  webp: 'VipsForeignLoadWebp',
  gif: 'VipsForeignLoadNsgif',
  avif: 'VipsForeignLoadHeif',
  // Reads the header; the pixels come as PNG from HEIC_DECODER.
  heic: 'VipsForeignLoadHeif',
  tiff: 'VipsForeignLoadTiff',
};

function allowLoaders({ formats }: ImageLimits): void {
  sharp.block({ operation: ['VipsForeignLoad'] });
  // Wide-gamut images are held as PNG between decode and encode, whichever formats are accepted.
  sharp.unblock({ operation: [LOADERS.png, ...formats.map((format) => LOADERS[format])] });
}

// Called after loading the libraries and entering the folder: the new user may not be able to reach either.
function switchUser(identity: number): boolean {
  try {
    process.setgroups?.([]);
    process.setgid?.(identity);
    process.setuid?.(identity);
    return true;
  } catch {
    return false;
  }
}

async function perform({ orderId, ...task }: Order): Promise<void> {
  if (settings === null) return;
  try {
    const onNormalizing = (pixels: number) => send({ type: 'normalizing', orderId, pixels });
    send({
      type: 'rendered',
      orderId,
      ...(await renderVariants(SOURCE_FILE, task, settings, onNormalizing)),
    });
  } catch (error) {
    if (error instanceof Refusal) send({ type: 'refused', orderId, code: error.code, detail: error.detail });
    else {
      const { code, message } = error as NodeJS.ErrnoException;
      send({ type: 'fault', orderId, code: MACHINE_CODES.find((known) => known === code) ?? null, message });
    }
  }
}

function send(message: FromChild): void {
  channel.write(`${JSON.stringify(message)}\n`);
}
