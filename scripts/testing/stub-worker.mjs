// Stands for the worker where only the launcher is in question. It drains for STUB_DRAIN_MS, or for ever ("hang").
const drain = process.env.STUB_DRAIN_MS ?? '0';
const alive = setInterval(() => {}, 1000);
let stopping = false;

const stop = () => {
  if (stopping) return;
  stopping = true;
  console.log(JSON.stringify({ level: 30, msg: 'draining' }));
  // Not even its event loop answers.
  for (;;) if (drain !== 'hang') break;
  setTimeout(() => {
    console.log(JSON.stringify({ level: 30, msg: 'drained' }));
    clearInterval(alive);
    if (process.connected) process.disconnect();
  }, Number(drain));
};
process.once('SIGTERM', stop);
process.once('disconnect', stop);
process.send({ type: 'ready' });
