// A stub decoder that speaks the protocol of ../protocol.ts. An order's declaredType selects its behaviour.
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { createInterface } from 'node:readline';

const channel = new Socket({ fd: 3 });
const send = (message) => channel.write(`${JSON.stringify(message)}\n`);

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
);
const rendered = ({ orderId, profile }) => ({
  type: 'rendered',
  orderId,
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
    aiLabel: null,
    c2pa: false,
    copyright: null,
    gainMap: null,
    grew: null,
  },
});
const respond = (order) => send(rendered(order));
const hoard = [];

const ACTS = {
  ok(order) {
    writeFileSync('main.png', PNG);
    respond(order);
  },
  hang: () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0),
  silent() {},
  spin(order) {
    const began = process.cpuUsage().user;
    const act = () => (process.cpuUsage().user - began < 2_000_000 ? setImmediate(act) : ACTS.ok(order));
    act();
  },
  'declare-and-spin'(order) {
    send({ type: 'normalizing', orderId: order.orderId, pixels: 1 });
    ACTS.spin(order);
  },
  segv: () => process.kill(process.pid, 'SIGSEGV'),
  exit: () => process.exit(0),
  garbage: () => send({ type: 'rendered', variants: 7 }),
  'not-an-object': () => send('hello'),
  allocate() {
    setInterval(() => hoard.push(Buffer.alloc(64 * 1024 * 1024, 1)), 20);
  },
  symlink(order) {
    symlinkSync('/etc/passwd', 'main.png');
    respond(order);
  },
  fifo(order) {
    execFileSync('sh', ['-c', 'mkfifo main.png']);
    respond(order);
  },
  folder(order) {
    mkdirSync('main.png/deep', { recursive: true });
    respond(order);
  },
  oversized(order) {
    writeFileSync('main.png', PNG);
    truncateSync('main.png', 30_000_000);
    respond(order);
  },
  empty(order) {
    writeFileSync('main.png', '');
    respond(order);
  },
  html(order) {
    writeFileSync('main.png', '<script>alert(1)</script>');
    respond(order);
  },
  nothing: respond,
  elsewhere: (order) =>
    send({
      ...rendered(order),
      variants: { '../main': { format: 'png', width: 1, height: 1 } },
    }),
  'responds-twice'(order) {
    ACTS.ok(order);
    send({
      type: 'refused',
      orderId: order.orderId,
      code: 'image_corrupt',
      detail: { en: 'stale', zh: 'stale' },
    });
  },
  'leaves-a-trap'(order) {
    // Before the response, since the worker empties the folder after it.
    mkdirSync('source-to-be/deep', { recursive: true });
    ACTS.ok(order);
  },
  'too-long'() {
    const piece = 'x'.repeat(1024 * 1024);
    const more = () => channel.write(piece, more);
    channel.write('{"type":"', more);
  },
  'normalizes-twice'({ orderId }) {
    for (let i = 0; i < 2; i++) send({ type: 'normalizing', orderId, pixels: 1 });
  },
  'other-code': ({ orderId }) =>
    send({ type: 'refused', orderId, code: 'storage_denied', detail: { en: 'no', zh: 'no' } }),
  'lies-about-the-type'(order) {
    writeFileSync('main.png', PNG);
    const reported = rendered(order);
    reported.source.format = 'tiff';
    reported.receipt.detectedType = 'text/html';
    send(reported);
  },
  'no-space': ({ orderId }) =>
    send({ type: 'fault', orderId, code: 'ENOSPC', message: 'no space left on device' }),
};

channel.on('error', () => {});
channel.on('close', () => process.kill(process.pid, 'SIGKILL'));
createInterface(channel).on('line', (line) => {
  const message = JSON.parse(line);
  if (message.type === 'setup') {
    process.chdir(message.folder);
    send({ type: 'ready', droppedRoot: false });
  } else ACTS[message.declaredType ?? 'ok'](message);
});
