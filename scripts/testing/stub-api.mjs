import { createServer } from 'node:http';

// A stub API for tests of the launcher. GET /crash ends it; with STUB_FAULT it refuses to start, with STUB_UNREADY it lacks Redis.
if (process.env.STUB_FAULT !== undefined) {
  console.error(process.env.STUB_FAULT);
  process.exit(78);
}
const server = createServer((request, response) => {
  if (request.url === '/crash') process.exit(3);
  if (process.env.STUB_UNREADY !== undefined && request.url === '/readyz') response.statusCode = 503;
  response.end(JSON.stringify({ pid: process.pid, settings: process.env }));
});
server.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(JSON.stringify({ level: 40, msg: 'a warning of the stub' }));
  console.log(JSON.stringify({ level: 30, msg: 'hidden from the terminal' }));
  process.send({ type: 'ready', url: `http://127.0.0.1:${server.address().port}` });
});

const stop = () => {
  server.close();
  server.closeAllConnections();
  if (process.connected) process.disconnect();
};
process.once('SIGTERM', stop);
process.once('disconnect', stop);
