import { request } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';

/*
 * Asks for /livez again and again, in a thread whose event loop has nothing else to do, so that the times are the
 * server's alone. A message with the name of a phase returns the times of the phase before it.
 */
const EVERY_MS = 10;
let times = [];

function ask() {
  const began = performance.now();
  const done = () => {
    times.push(performance.now() - began);
    setTimeout(ask, EVERY_MS);
  };
  request(`${workerData}/livez`, { agent: false }, (response) => response.resume().once('end', done))
    .once('error', done)
    .end();
}

parentPort.on('message', () => {
  parentPort.postMessage(times);
  times = [];
});
ask();
