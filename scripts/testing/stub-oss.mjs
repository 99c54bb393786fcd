import { createServer } from 'node:http';

// A stub of the local OSS for tests of the launcher: it only holds its port.
const server = createServer();
const ports = process.env.OSS_DEV_PORT.split(',').map(Number);
const listen = () => server.listen(ports.shift(), '127.0.0.1');
server.on('error', (error) => {
  if (error.code !== 'EADDRINUSE' || ports.length === 0) throw error;
  listen();
});
server.on('listening', () => {
  const { port } = server.address();
  const place = { endpoint: `http://127.0.0.1:${port}`, region: 'cn-hangzhou', bucket: 'pixdock-dev' };
  const keys = { accessKeyId: 'LTAI-pixdock-dev', accessKeySecret: 'pixdock-dev-secret' };
  process.send({ type: 'ready', port, ...place, ...keys });
});
listen();

const stop = () => {
  server.close();
  if (process.connected) process.disconnect();
};
process.once('SIGTERM', stop);
process.once('disconnect', stop);
