import { copyFile, mkdir, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DEFAULT_LIMITS } from '../../../apps/worker/dist/image/default-limits.js';

/* Renders one image at a time with the compiled decoder of a checkout, as its worker would. */
const { CHECKOUT, FOLDER, PROFILE } = process.env;
const load = (file) => import(pathToFileURL(join(CHECKOUT, file)).href);
const { startDecoder } = await load('apps/worker/dist/image/decoder.js');
const { builtInProfiles } = await load('packages/contract/dist/profile.js');

const profile = builtInProfiles().get(PROFILE);
if (profile === undefined) throw new Error(`no profile ${PROFILE}`);
const CHILD = join(CHECKOUT, 'apps/worker/dist/image/child.js');
const never = new AbortController().signal;
const labels = { isKept: true, propagator: null };
const budget = { timeoutMs: 120_000, cpuMs: () => 120_000, maxRssBytes: 1.5 * 1024 ** 3, startMs: 20_000 };
const log = { debug() {}, warn() {} };
await mkdir(FOLDER);
const setup = { type: 'setup', folder: FOLDER, identity: null, limits: DEFAULT_LIMITS, labels };
const decoder = await startDecoder(CHILD, setup, budget, log, never);

process.on('message', (message) => void render(message));
process.on('disconnect', () => process.exit());
process.send({ pid: decoder.pid });

async function render({ order, path }) {
  await copyFile(path, join(FOLDER, 'source'));
  const task = { type: 'order', order, imageId: 'img_0', profile, declaredType: null };
  const { type } = await decoder.perform(task, () => {}, never);
  for (const name of await readdir(FOLDER)) await unlink(join(FOLDER, name));
  process.send({ type });
}
