import { once } from 'node:events';
import { Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import sharp from 'sharp';
import type { FromChild } from './from-child.js';
import { readLines } from './lines.js';
import { MACHINE_CODES } from './machine-codes.js';
import { CHANNEL_FD, type Order, type Setup, SOURCE_FILE, type ToChild } from './protocol.js';
import { Refusal } from './refusal.js';
import { render } from './render.js';
import type { ImageLimits } from './types.js';

/*
 * The process that touches hostile bytes. It has no secrets, no more files than its lane's folder, and dies with its
 * worker: at once when the channel closes, and within half a second if its own loop is too busy to notice.
 */
const dieAtOnce = () => process.kill(process.pid, 'SIGKILL');
const channel = new Socket({ fd: CHANNEL_FD });
channel.on('error', dieAtOnce);
channel.on('close', dieAtOnce);
// The terminal's Ctrl-C reaches us too; when to end is the worker's decision.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
const watchdog = new Worker(new URL('./watchdog.js', import.meta.url), {
  workerData: Number(process.argv[2]),
});
watchdog.on('error', dieAtOnce);
const watching = once(watchdog, 'message');

let limits: ImageLimits | null = null;

readLines(
  channel,
  (line) => {
    const message = JSON.parse(line) as ToChild;
    if (message.type === 'setup') void setUp(message);
    else void perform(message);
  },
  dieAtOnce,
);

async function setUp(setup: Setup): Promise<void> {
  sharp.cache(false);
  sharp.concurrency(1);
  allowLoaders(setup.limits);
  limits = setup.limits;
  process.chdir(setup.folder);
  // Its file may be out of reach for the new identity.
  await watching;
  say({ type: 'ready', dropped: setup.identity !== null && become(setup.identity) });
}

// Blocking the parent class and unblocking whole families is what holds for files and buffers alike.
const LOADERS = {
  jpeg: 'VipsForeignLoadJpeg',
  png: 'VipsForeignLoadPng',
  webp: 'VipsForeignLoadWebp',
  gif: 'VipsForeignLoadNsgif',
  avif: 'VipsForeignLoadHeif',
  tiff: 'VipsForeignLoadTiff',
};

function allowLoaders({ formats }: ImageLimits): void {
  sharp.block({ operation: ['VipsForeignLoad'] });
  // PNG carries a wide-gamut base from decode to encode, whatever is accepted.
  sharp.unblock({ operation: [LOADERS.png, ...formats.map((format) => LOADERS[format])] });
}

// After the libraries are loaded and the folder is entered: neither may be reachable for the new identity.
function become(identity: number): boolean {
  try {
    process.setgroups?.([]);
    process.setgid?.(identity);
    process.setuid?.(identity);
    return true;
  } catch {
    return false;
  }
}

async function perform({ order, profile, declaredType }: Order): Promise<void> {
  if (limits === null) return;
  try {
    const onNormalizing = () => say({ type: 'normalizing', order });
    say({
      type: 'rendered',
      order,
      ...(await render(SOURCE_FILE, profile, declaredType, limits, onNormalizing)),
    });
  } catch (error) {
    if (error instanceof Refusal) say({ type: 'refused', order, code: error.code, detail: error.detail });
    else {
      const { code, message } = error as NodeJS.ErrnoException;
      say({ type: 'fault', order, code: MACHINE_CODES.find((one) => one === code) ?? null, message });
    }
  }
}

function say(message: FromChild): void {
  channel.write(`${JSON.stringify(message)}\n`);
}
