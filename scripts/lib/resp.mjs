import { connect } from 'node:net';

/**
 * Sends commands to a Redis on loopback and returns the first line of each reply, `+PONG` or `-LOADING …`.
 * For commands that answer in one line. @throws when the server is not there or silent for `timeoutMs`.
 */
export function ask(port, commands, timeoutMs = 2000) {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port });
    let text = '';
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error('Redis does not answer')));
    socket.setEncoding('utf8');
    socket.on('data', (chunk) => {
      text += chunk;
      const lines = text.split('\r\n').slice(0, -1);
      if (lines.length < commands.length) return;
      socket.end();
      resolve(lines);
    });
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('Redis closed the connection')));
    socket.write(commands.map(encode).join(''));
  });
}

const encode = (words) =>
  `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
