import { connect } from 'node:net';

const ANSWER_MS = 2000;

/**
 * Sends commands to a Redis on loopback. @returns the first line of each reply, such as `+PONG` or `-LOADING …`, once there
 * are `count` lines. For commands whose reply is one line.
 * @throws when the server is not there, is silent for two seconds or closes the connection.
 */
export function ask(port, commands, count = commands.length) {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port });
    let text = '';
    socket.setTimeout(ANSWER_MS, () => socket.destroy(new Error('Redis does not answer')));
    socket.setEncoding('utf8');
    socket.on('data', (chunk) => {
      text += chunk;
      const lines = text.split('\r\n').slice(0, -1);
      if (lines.length < count) return;
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
