import { once } from 'node:events';
import { createServer } from 'node:http';

// A stub of the local OSS for tests of the launcher: it only holds the first free one of its ports.
async function listen([port, ...others]) {
  try {
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    return server;
  } catch (error) {
    if (others.length === 0) throw error;
    return listen(others);
  }
}

const server = await listen(process.env.OSS_DEV_PORT.split(',').map(Number));
const { port } = server.address();
const place = { endpoint: `http://127.0.0.1:${port}`, region: 'cn-hangzhou', bucket: 'pixdock-dev' };
const keys = { accessKeyId: 'LTAI-pixdock-dev', accessKeySecret: 'pixdock-dev-secret' };
process.send({ type: 'ready', port, ...place, ...keys });

const stop = () => {
  server.close();
  if (process.connected) process.disconnect();
};
process.once('SIGTERM', stop);
process.once('disconnect', stop);
