// The real decoder, whose event loop blocks after half a second.
await import('../../../dist/image/child.js');
setTimeout(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0), 500);
