import { parentPort, workerData } from 'node:worker_threads';

const CHECK_MS = 500;

// A thread of its own, so that a busy main loop or a spinning decoder cannot keep a child alive without its worker.
setInterval(() => {
  if (process.ppid !== workerData) process.kill(process.pid, 'SIGKILL');
}, CHECK_MS);
parentPort?.postMessage('watching', []);
