import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync, utimes, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { START } from '../messages/start.mjs';
import { Taken } from './lock.mjs';

const TOUCH_MS = 5000;
const SILENT_MS = 4 * TOUCH_MS;

/**
 * Announces in DATA_DIR that this machine uses it: the disk may be shared with another machine or container, which cannot
 * reach the socket of the lock. The file counts while it is touched.
 * @returns a function that removes the announcement.
 * @throws Taken when another machine has announced itself.
 */
export function announceUse(dataDir, machine = thisMachine()) {
  const own = join(dataDir, `lock-${createHash('sha256').update(machine).digest('hex').slice(0, 16)}`);
  const withdraw = () => rmSync(own, { force: true });
  writeFileSync(own, `pid ${process.pid}, ${hostname()}`, { mode: 0o600 });
  const all = readdirSync(dataDir).filter((name) => /^lock-[0-9a-f]{16}$/.test(name));
  for (const path of all.map((name) => join(dataDir, name)).filter((one) => one !== own)) {
    if (Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) < SILENT_MS) {
      withdraw();
      throw new Taken(START.folderTaken({ folder: dataDir, holder: readFileSync(path, 'utf8') }));
    }
    rmSync(path, { force: true });
  }
  // It fails when DATA_DIR was removed; the services report that.
  const touch = () => utimes(own, new Date(), new Date(), () => {});
  const timer = setInterval(touch, TOUCH_MS).unref();
  return () => {
    clearInterval(timer);
    withdraw();
  };
}

/** Processes reach each other's sockets when they share the mounts and the temporary folder. */
function thisMachine() {
  if (process.platform !== 'linux') return `${hostname()} ${tmpdir()}`;
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return `${boot} ${statSync('/proc/self/ns/mnt').ino} ${tmpdir()}`;
}
