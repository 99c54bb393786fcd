import { createHash } from 'node:crypto';
import {
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { START } from '../messages/start.mjs';
import { Taken } from './lock.mjs';

const TOUCH_MS = 5000;
const SILENT_MS = 4 * TOUCH_MS;
const NAME = /^lock-[0-9a-f]{16}$/;

/**
 * Announces in DATA_DIR that this machine uses it: the disk may be shared with another machine or container, which sees no
 * socket of ours. The file counts while it is touched.
 * @returns a function that removes the announcement.
 * @throws Taken when another machine has announced itself.
 */
export function announceUse(dataDir, place = placeOfSockets()) {
  const own = join(dataDir, `lock-${createHash('sha256').update(place).digest('hex').slice(0, 16)}`);
  writeFileSync(own, `pid ${process.pid}, ${hostname()}`, { mode: 0o600 });
  for (const path of readdirSync(dataDir)
    .filter(isLock)
    .map((name) => join(dataDir, name))) {
    if (path === own) continue;
    const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0);
    if (age > SILENT_MS) rmSync(path, { force: true });
    else {
      rmSync(own, { force: true });
      throw new Taken(START.folderTaken({ folder: dataDir, holder: readFileSync(path, 'utf8') }));
    }
  }
  const timer = setInterval(() => touch(own), TOUCH_MS).unref();
  return () => {
    clearInterval(timer);
    rmSync(own, { force: true });
  };
}

const isLock = (name) => NAME.test(name);

/** Two processes reach each other's sockets when they share the kernel, the mounts and the temporary folder. */
function placeOfSockets() {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot} ${readlinkSync('/proc/self/ns/mnt')} ${tmpdir()}`;
  } catch {
    return `${hostname()} ${tmpdir()}`;
  }
}

function touch(path) {
  try {
    utimesSync(path, new Date(), new Date());
  } catch {
    // DATA_DIR was removed; the services report that.
  }
}
