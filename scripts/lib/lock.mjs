import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, realpathSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { START } from '../messages/start.mjs';
import { Problem, say } from './say.mjs';

const ASK_AGAIN_MS = 50;
/** A running launcher answers at once, even on a busy machine. */
const ANSWER_MS = 3000;
/** Longer than services may take to stop after their launcher was killed (services.mjs). */
const LEFTOVER_MS = 45_000;
/** A socket's path has at most 103 bytes on macOS. */
const MAX_TMPDIR_LENGTH = 55;

/** Another running process holds the lock. */
export class Taken extends Problem {}

/**
 * Locks a folder for this process and the children that inherit `fd`. The kernel releases the lock when all have ended.
 *
 * Each start listens on a socket with a unique name, and then asks the others. A socket that refuses belongs to a dead
 * process and is removed; as names never come again, this never hits a live one. Of two starts at the same moment at least
 * one sees the other; the one with the greater name gives way.
 *
 * @throws Taken when another running process holds the lock.
 */
export async function lockFolder(folder, purpose = 'run') {
  const parent = tmpdir().length > MAX_TMPDIR_LENGTH ? '/tmp' : tmpdir();
  const claim = await makeClaim(join(parent, lockFolderName(realpathSync(folder), purpose)));
  try {
    while (!(await isAlone(claim, folder))) await sleep(ASK_AGAIN_MS);
  } catch (error) {
    claim.release();
    throw error;
  }
  claim.state = 'held';
  return claim;
}

/** @param purpose keeps locks of one folder for different purposes apart. */
export function lockFolderName(folder, purpose = 'run') {
  return `pixdock-${createHash('sha256').update(`${purpose} ${folder}`).digest('hex').slice(0, 16)}`;
}

async function makeClaim(sockets) {
  const path = join(sockets, `${randomBytes(6).toString('hex')}.sock`);
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.end(`${claim.state} ${process.pid}`);
  });
  const release = () => {
    server.close();
    rmSync(path, { force: true });
    try {
      rmdirSync(sockets);
    } catch {
      // Another start uses the folder.
    }
  };
  const claim = { sockets, path, state: 'claimed', release };
  for (;;) {
    mkdirSync(sockets, { recursive: true, mode: 0o700 });
    try {
      // A socket refuses until it listens, so it gets its name afterwards.
      await once(server.listen(`${path}.new`), 'listening');
      chmodSync(`${path}.new`, 0o600);
      renameSync(`${path}.new`, path);
      server.unref();
      return Object.assign(claim, { fd: server._handle.fd });
    } catch (error) {
      server.close();
      // A start that ended just now has removed the folder.
      if (error.code !== 'ENOENT') throw error;
    }
  }
}

/** @returns false when another start has to be asked again. */
async function isAlone({ sockets, path: own }, folder) {
  let alone = true;
  for (const path of readdirSync(sockets).map((name) => join(sockets, name))) {
    if (path === own || !path.endsWith('.sock')) continue;
    const answer = await ask(path, folder);
    if (answer === null) {
      rmSync(path, { force: true });
      continue;
    }
    const [state, pid] = answer.split(' ');
    if (state === 'held' || (state === 'claimed' && own > path))
      throw new Taken(START.folderTaken({ folder, holder: `pid ${pid}` }));
    alone = false;
  }
  return alone;
}

/**
 * Only children of a killed launcher accept without an answer. The kernel closes the connection when the last one ends.
 * @returns `held PID` or `claimed PID`; '' when the last owner ended without an answer; null when the socket is dead.
 */
async function ask(path, folder) {
  const socket = connect(path).setEncoding('utf8');
  let answer = '';
  socket.on('data', (text) => {
    answer += text;
  });
  const waiting = setTimeout(() => say(START.waitingForKilledStart()), ANSWER_MS);
  socket.setTimeout(LEFTOVER_MS, () => socket.destroy(new Error('ETIMEDOUT')));
  const error = await new Promise((resolve) =>
    socket.once('error', resolve).once('close', () => resolve(null)),
  );
  clearTimeout(waiting);
  if (error?.message === 'ETIMEDOUT')
    throw new Problem(START.killedStartStays({ folder, seconds: LEFTOVER_MS / 1000 }));
  return ['ECONNREFUSED', 'ENOENT'].includes(error?.code) ? null : answer;
}
