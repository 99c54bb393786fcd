import { createServer } from 'node:http';

// A stub of the local OSS for tests of the launcher: it only holds its port.
const server = createServer();
server.listen(Number(process.env.OSS_DEV_PORT), '127.0.0.1', () => {
  const { port } = server.address();
  const place = { endpoint: `http://127.0.0.1:${port}`, region: 'cn-hangzhou', bucket: 'pixdock-dev' };
  const keys = { accessKeyId: 'LTAI-pixdock-dev', accessKeySecret: 'pixdock-dev-secret' };
  process.send({ type: 'ready', port, ...place, ...keys });
});

const stop = () => {
  server.close();
  if (process.connected) process.disconnect();
};
process.once('SIGTERM', stop);
process.once('disconnect', stop);
