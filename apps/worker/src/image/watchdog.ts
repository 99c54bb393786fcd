import { parentPort, workerData } from 'node:worker_threads';

const CHECK_MS = 500;

// Runs in a separate thread, so that a blocked main thread cannot keep the child alive after its worker.
setInterval(() => {
  if (process.ppid !== workerData) process.kill(process.pid, 'SIGKILL');
}, CHECK_MS);
parentPort?.postMessage('watching', []);
