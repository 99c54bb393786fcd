/** Messages about installing and building. */
export const SETUP = {
  /** @param {{ oldest: string, version: string }} params */
  nodeTooOld: ({ oldest, version }) => ({
    en: `Pixdock needs Node ${oldest} or newer; this is Node ${version}.`,
    zh: `Pixdock 需要 Node ${oldest} 或更新版本，当前为 Node ${version}。`,
  }),
  waiting: () => ({
    en: 'Another start is setting up this checkout. Waiting for it …',
    zh: '另一个 npm start 正在安装和构建这个目录，等待中……',
  }),
  installingFirst: () => ({
    en: 'Installing packages (first start only) …',
    zh: '正在安装依赖包（仅首次启动）……',
  }),
  installingChanged: () => ({
    en: 'Installing packages (their list has changed) …',
    zh: '正在安装依赖包（依赖有变化）……',
  }),
  /** @param {{ reason: string }} params */
  offline: ({ reason }) => ({
    en: `Packages cannot be installed: the npm registry cannot be reached (${reason}). Connect, or choose a mirror (npm config set registry URL), then start again.`,
    zh: `无法安装依赖包：连接不到 npm registry（${reason}）。请联网，或换用镜像（npm config set registry https://registry.npmmirror.com），再重新启动。`,
  }),
  installFailed: () => ({ en: 'Packages cannot be installed:', zh: '无法安装依赖包：' }),
  building: () => ({ en: 'Building …', zh: '正在构建……' }),
  buildFailed: () => ({ en: 'The build failed:', zh: '构建失败：' }),
};

/** What a file system refuses, by the code of the error. */
export const FILE_ERRORS = {
  ENOENT: {
    en: 'it does not exist, or is a link to a disk that is not mounted',
    zh: '路径不存在，或是指向未挂载磁盘的软链接',
  },
  EACCES: { en: 'permission denied', zh: '没有权限' },
  EPERM: { en: 'permission denied', zh: '没有权限' },
  EROFS: { en: 'its file system is read-only', zh: '文件系统是只读的' },
  ENOTDIR: { en: 'a part of the path is not a folder', zh: '路径中有一段不是目录' },
  EEXIST: { en: 'it is not a folder', zh: '这不是目录' },
  ELOOP: { en: 'its links form a loop', zh: '软链接形成了循环' },
  ENOSPC: { en: 'its disk has no free space or no free inodes', zh: '磁盘空间或 inode 已用完' },
};
