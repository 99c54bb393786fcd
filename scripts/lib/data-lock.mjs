import { randomUUID } from 'node:crypto';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from './problem.mjs';
import { identify, isAlive, processWorld } from './process-identity.mjs';

// A claim from another container or machine cannot be asked whether it lives; it shows by its file's time.
const HEARTBEAT_MS = 5000;
const SILENT_MS = 4 * HEARTBEAT_MS;
const LOOK_AGAIN_MS = 50;

/**
 * Claims a folder for this process alone.
 *
 * Each start writes a claim under a name of its own, then looks at the others: a dead one is removed (its name never
 * comes again, so that a living one is never hit), a held one refuses us. Of two that claim at the same moment at least
 * one sees the other; the one with the greater name gives way, the other waits for that.
 *
 * @param ended called with the claim of each dead process, before it is removed; it ends what that one left behind.
 * @returns `note(facts)` adds to the claim what a later `ended` needs; `release()` removes it.
 * @throws Taken when another living process holds the folder.
 */
export async function lockDataDir(dataDir, ended = async () => {}) {
  const folder = join(dataDir, 'lock');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const own = `${randomUUID()}.json`;
  const claim = { held: false, world: processWorld(), ...identify(process.pid) };
  const write = () => {
    writeFileSync(join(folder, `${own}.new`), JSON.stringify(claim), { mode: 0o600 });
    renameSync(join(folder, `${own}.new`), join(folder, own));
  };
  const release = () => {
    rmSync(join(folder, own), { force: true });
    rmSync(join(folder, `${own}.new`), { force: true });
  };
  write();
  try {
    while (!(await isAlone(folder, own, dataDir, ended))) await sleep(LOOK_AGAIN_MS);
  } catch (error) {
    release();
    throw error;
  }
  Object.assign(claim, { held: true });
  write();
  const heartbeat = setInterval(() => touch(join(folder, own)), HEARTBEAT_MS).unref();
  return {
    note(facts) {
      Object.assign(claim, facts);
      try {
        write();
      } catch {
        // A full disk must not end the launcher; the guardian knows the same.
      }
    },
    release() {
      clearInterval(heartbeat);
      release();
    },
  };
}

/** A living process holds the folder. */
export class Taken extends Problem {
  constructor(dataDir, pid) {
    super(`Pixdock already runs on ${dataDir} (pid ${pid}): stop it, or set another DATA_DIR for this one.`);
  }
}

/** False when a rival has to be waited for. */
async function isAlone(folder, own, dataDir, ended) {
  let alone = true;
  for (const name of readdirSync(folder)) {
    if (name === own || !name.endsWith('.json')) continue;
    const path = join(folder, name);
    const rival = readClaim(path);
    if (rival === null) continue;
    if (!lives(rival, path)) {
      await ended(rival);
      rmSync(path, { force: true });
    } else if (rival.held || own > name) {
      throw new Taken(dataDir, rival.pid);
    } else alone = false;
  }
  return alone;
}

function lives(claim, path) {
  if (claim.world === processWorld()) return isAlive(claim);
  const time = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return Date.now() - time < SILENT_MS;
}

function readClaim(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    // Cut short by a crash of the machine: nobody holds it.
    return { held: true, world: processWorld(), pid: 0, birth: null };
  }
}

function touch(path) {
  try {
    utimesSync(path, new Date(), new Date());
  } catch {
    // Whoever removed the folder is told by what breaks next.
  }
}
