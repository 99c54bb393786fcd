/** Messages about installing and building. */
export const SETUP = {
  /** @param {{ oldest: string, version: string }} params */
  nodeTooOld: ({ oldest, version }) => ({
    en: `Pixdock needs Node ${oldest} or newer; this is Node ${version}. Install it from https://nodejs.org, or by your package manager, and start again.`,
    zh: `Pixdock 需要 Node ${oldest} 或更新版本，当前为 Node ${version}。请从 https://nodejs.org 或用包管理器安装后重新启动。`,
  }),
  /** @param {{ version: string, pinned: string, mib: number }} params */
  installingNode: ({ version, pinned, mib }) => ({
    en: `Node ${version} is too old: installing Node ${pinned} for Pixdock alone, into node_modules (${mib} MiB, once) …`,
    zh: `Node ${version} 版本过旧：正在安装 Node ${pinned}，仅供 Pixdock 使用，放在 node_modules 中（${mib} MiB，仅一次）……`,
  }),
  /** @param {{ oldest: string, version: string }} params */
  nodeDoesNotRun: ({ oldest, version }) => ({
    en: `Node ${version} is too old, and the Node of npm does not run on this system. Install Node ${oldest} or newer yourself, and start again.`,
    zh: `Node ${version} 版本过旧，而 npm 上的 Node 在本系统中无法运行。请自行安装 Node ${oldest} 或更新版本，再重新启动。`,
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
