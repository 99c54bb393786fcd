import type { Text } from '@pixdock/contract/messages/text';

interface Reason {
  reason: Text;
  fix: Text;
}

const DENIED: Reason = {
  reason: { en: 'permission denied', zh: '没有权限' },
  fix: {
    en: 'give it to the user that runs Pixdock, or name another one',
    zh: '请给运行 Pixdock 的用户授权，或改用其他路径',
  },
};
const NOT_A_FOLDER: Reason = {
  reason: {
    en: 'it, or a part of its path, is a file instead of a folder, or a link to a disk that is not mounted',
    zh: '路径或其中一段是文件，不是目录，或是指向未挂载磁盘的链接',
  },
  fix: { en: 'name a folder, or mount the disk', zh: '请改为目录，或挂载磁盘' },
};
const FULL: Reason = {
  reason: { en: 'its disk has no free space or no free inodes', zh: '磁盘空间或 inode 已用完' },
  fix: {
    en: 'remove other files from this disk, or use a larger one',
    zh: '请清理该磁盘上的其他文件，或更换更大的磁盘',
  },
};

/** What a file system refuses, and what to do, by the code of the error. */
const REASONS: Readonly<Record<string, Reason>> = {
  ENOENT: {
    reason: {
      en: 'it does not exist, or is a link to a disk that is not mounted',
      zh: '路径不存在，或是指向未挂载磁盘的软链接',
    },
    fix: { en: 'mount the disk, or correct the path', zh: '请挂载磁盘，或更正路径' },
  },
  EACCES: DENIED,
  EPERM: DENIED,
  EROFS: {
    reason: { en: 'its file system is read-only', zh: '文件系统是只读的' },
    fix: { en: 'mount it writable, or name another one', zh: '请以可写方式挂载，或改用其他路径' },
  },
  ENOTDIR: NOT_A_FOLDER,
  EEXIST: NOT_A_FOLDER,
  EISDIR: {
    reason: { en: 'it is a folder', zh: '这是目录' },
    fix: { en: 'name a file', zh: '请改为文件' },
  },
  ELOOP: {
    reason: { en: 'its links form a loop', zh: '软链接形成了循环' },
    fix: { en: 'correct the links', zh: '请更正软链接' },
  },
  ENOSPC: FULL,
  EDQUOT: FULL,
};

/** Why a file or a folder cannot be used; the message of an error that is not listed. */
export function describeFileError(error: Error): Reason {
  const { code = '', message } = error as NodeJS.ErrnoException;
  const known = REASONS[code];
  const both = (words: Text): Text => ({ en: `${words.en} (${code})`, zh: `${words.zh}（${code}）` });
  if (known !== undefined) return { ...known, reason: both(known.reason) };
  return {
    reason: { en: message, zh: message },
    fix: { en: 'check the disk', zh: '请检查磁盘' },
  };
}
