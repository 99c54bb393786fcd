import { request } from 'node:http';

/*
 * Asks for /livez, and as another owner for a list, again and again, in a process with nothing else to do, so that the times
 * are the server's alone. Each message returns the times since the message before.
 */
const EVERY_MS = 10;
const [url] = process.argv.slice(2);
const OTHER = { Authorization: 'Bearer key-of-the-owner-other' };
let times = { livez: [], list: [] };

function ask(name, path, headers) {
  const began = performance.now();
  const done = () => {
    times[name].push(performance.now() - began);
    setTimeout(ask, EVERY_MS, name, path, headers);
  };
  request(url + path, { agent: false, headers }, (response) => response.resume().once('end', done))
    .once('error', done)
    .end();
}

process.on('message', () => {
  process.send(times);
  times = { livez: [], list: [] };
});
process.on('disconnect', () => process.exit());
ask('livez', '/livez', {});
ask('list', '/v1/images?limit=1', OTHER);
