// A decoder that does what an order's declaredType says, speaking the protocol of ../protocol.ts.
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
);
const rendered = ({ order, profile }) => ({
  type: 'rendered',
  order,
  source: { format: 'png', width: 1, height: 1, frames: 1 },
  variants: Object.fromEntries(
    Object.keys(profile.variants).map((name) => [name, { format: 'png', width: 1, height: 1 }]),
  ),
  placeholder: { thumbhash: 'AA==', color: '#000000' },
  receipt: {
    declaredType: null,
    detectedType: 'image/png',
    orientationApplied: 1,
    colorProfile: String(process.pid),
    removed: [],
    gpsRemoved: false,
    resized: false,
    encoder: 'png',
  },
});
const answer = (order) => process.send(rendered(order));
const hoard = [];

const ACTS = {
  ok(order) {
    writeFileSync('main.png', PNG);
    answer(order);
  },
  hang() {
    for (;;);
  },
  silent() {},
  segv: () => process.kill(process.pid, 'SIGSEGV'),
  exit: () => process.exit(0),
  garbage: () => process.send({ type: 'rendered', variants: 7 }),
  'not-an-object': () => process.send('hello'),
  allocate() {
    setInterval(() => hoard.push(Buffer.alloc(64 * 1024 * 1024, 1)), 20);
  },
  symlink(order) {
    symlinkSync('/etc/passwd', 'main.png');
    answer(order);
  },
  fifo(order) {
    execFileSync('sh', ['-c', 'mkfifo main.png']);
    answer(order);
  },
  folder(order) {
    mkdirSync('main.png/deep', { recursive: true });
    answer(order);
  },
  oversized(order) {
    writeFileSync('main.png', PNG);
    truncateSync('main.png', 30_000_000);
    answer(order);
  },
  empty(order) {
    writeFileSync('main.png', '');
    answer(order);
  },
  html(order) {
    writeFileSync('main.png', '<script>alert(1)</script>');
    answer(order);
  },
  nothing: answer,
  elsewhere: (order) =>
    process.send({
      ...rendered(order),
      variants: { '../main': { format: 'png', width: 1, height: 1 } },
    }),
  'answers-twice'(order) {
    ACTS.ok(order);
    process.send({
      type: 'refused',
      order: order.order,
      code: 'image_corrupt',
      detail: { en: 'stale', zh: 'stale' },
    });
  },
  'leaves-a-trap'(order) {
    // Before the answer: after it the folder may have been emptied already.
    mkdirSync('source-to-be/deep', { recursive: true });
    ACTS.ok(order);
  },
  'no-space': ({ order }) =>
    process.send({ type: 'fault', order, code: 'ENOSPC', message: 'no space left on device' }),
};

process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
process.on('message', (message) => {
  if (message.type === 'setup') {
    process.chdir(message.folder);
    process.send({ type: 'ready', dropped: false });
  } else ACTS[message.declaredType ?? 'ok'](message);
});
