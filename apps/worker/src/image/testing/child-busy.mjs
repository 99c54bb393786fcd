import { Socket } from 'node:net';

// The real decoder, whose event loop blocks half a second after it reports that it is ready, its first message.
// oxlint-disable-next-line typescript/unbound-method -- it is applied to the socket below
const { write } = Socket.prototype;
Socket.prototype.write = function (...message) {
  setTimeout(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0), 500);
  return Reflect.apply(write, this, message);
};
await import('../../../dist/image/child.js');
