// The real decoder, whose event loop blocks after half a second.
await import('../../../dist/image/child.js');
setTimeout(() => {
  for (;;);
}, 500);
