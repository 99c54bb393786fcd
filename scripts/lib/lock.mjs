import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, readdirSync, realpathSync, renameSync, unlinkSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { START } from '../messages/start.mjs';
import { Problem, say } from './say.mjs';

const ASK_AGAIN_MS = 50;
/** A running launcher answers at once, even on a busy machine. */
const ANSWER_MS = 3000;
/** Longer than services may take to stop after their launcher was killed (services.mjs). */
const LEFTOVER_MS = 45_000;
/** Asking again does not help, for example with the socket of another user. */
const NEVER_ASKED = ['EACCES', 'EPERM', 'ELOOP'];
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
 * @param purpose keeps locks of one folder for different purposes apart.
 * @throws Taken when another running process holds the lock.
 */
export async function lockFolder(folder, purpose = 'run') {
  const claim = await makeClaim(`${prefixOf(folder, purpose)}${randomBytes(6).toString('hex')}.sock`);
  try {
    while (!(await isAlone(claim.path, folder, purpose))) await sleep(ASK_AGAIN_MS);
    claim.state = 'held';
    return claim;
  } catch (error) {
    claim.release();
    throw error;
  }
}

/** The sockets of all starts on a folder. */
export function socketsOf(folder, purpose = 'run') {
  const prefix = prefixOf(folder, purpose);
  const paths = readdirSync(dirname(prefix)).map((name) => join(dirname(prefix), name));
  return paths.filter((path) => path.startsWith(prefix) && path.endsWith('.sock'));
}

function prefixOf(folder, purpose) {
  const hash = createHash('sha256').update(`${purpose} ${realpathSync(folder)}`);
  const parent = tmpdir().length > MAX_TMPDIR_LENGTH ? '/tmp' : tmpdir();
  return join(parent, `pixdock-${hash.digest('hex').slice(0, 16)}-`);
}

async function makeClaim(path) {
  const claim = { path, state: 'claimed' };
  const server = createServer((socket) => {
    socket.on('error', () => {}).end(`${claim.state} ${process.pid}`);
  });
  claim.release = () => {
    server.close();
    removeSocket(path);
  };
  // A socket refuses until it listens, so it gets its name afterwards.
  await once(server.listen(`${path}.new`), 'listening');
  chmodSync(`${path}.new`, 0o600);
  renameSync(`${path}.new`, path);
  // Node has no other name for the descriptor of a listening socket, which children inherit by number.
  const { _handle: handle } = server.unref();
  return Object.assign(claim, { fd: handle.fd });
}

/** Node 20's `rmSync` reads the socket's type, after which its `realpathSync`, and so `import`, no longer follows links. */
function removeSocket(path) {
  try {
    unlinkSync(path);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
}

/** @returns false when another start has to be asked again. */
async function isAlone(own, folder, purpose) {
  let alone = true;
  for (const path of socketsOf(folder, purpose).filter((one) => one !== own)) {
    const [state, pid] = await ask(path, folder);
    if (state === 'held' || (state === 'claimed' && own > path))
      throw new Taken(START.folderTaken({ folder, holder: `pid ${pid}` }));
    if (state === 'dead') removeSocket(path);
    else alone = false;
  }
  return alone;
}

/**
 * Only children of a killed launcher accept without an answer. The kernel closes the connection when the last one ends.
 * @returns its state and pid; the state is '' when it ended meanwhile.
 * @throws the error of a socket that can never be asked.
 */
async function ask(path, folder) {
  const socket = connect(path);
  const waiting = setTimeout(() => say(START.waitingForKilledStart()), ANSWER_MS);
  socket.setTimeout(LEFTOVER_MS, () =>
    socket.destroy(new Problem(START.killedStartStays({ folder, seconds: LEFTOVER_MS / 1000 }))),
  );
  try {
    return (await text(socket)).split(' ');
  } catch (error) {
    if (['ECONNREFUSED', 'ENOENT'].includes(error.code)) return ['dead'];
    if (error instanceof Problem || NEVER_ASKED.includes(error.code)) throw error;
    return [''];
  } finally {
    clearTimeout(waiting);
  }
}
