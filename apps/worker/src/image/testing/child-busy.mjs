// The real decoder, with a main loop that soon never comes back.
await import('../../../dist/image/child.js');
setTimeout(() => {
  for (;;);
}, 500);
