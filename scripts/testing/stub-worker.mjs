// A stub worker for tests of the launcher. It drains for STUB_DRAIN_MS or hangs ("hang").
const drain = process.env.STUB_DRAIN_MS ?? '0';
const alive = setInterval(() => {}, 1000);
let stopping = false;

const stop = () => {
  if (stopping) return;
  stopping = true;
  console.log(JSON.stringify({ level: 30, msg: 'draining' }));
  // Blocks the event loop.
  if (drain === 'hang') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  setTimeout(() => {
    console.log(JSON.stringify({ level: 30, msg: 'drained' }));
    clearInterval(alive);
    if (process.connected) process.disconnect();
  }, Number(drain));
};
process.once('SIGTERM', stop);
process.once('disconnect', stop);
process.send({ type: 'ready' });
