import { catalog } from '@pixdock/contract/messages/catalog';

/** Texts of the frame around every view, and of the sign-in. */
export const frameMessages = catalog({
  'nav.upload': { en: 'Upload', zh: '上传' },
  'nav.images': { en: 'Images', zh: '图片' },
  'nav.batches': { en: 'Batches', zh: '批次' },
  'nav.review': { en: 'Review', zh: '审核' },
  'nav.operator': { en: 'Operations', zh: '运维' },
  'nav.label': { en: 'Views', zh: '页面' },
  'nav.skip': { en: 'Skip to the content', zh: '跳到正文' },
  'nav.sign-out': { en: 'Sign out', zh: '退出' },
  'nav.docs': { en: 'API reference', zh: 'API 文档' },
  'nav.errors': { en: 'Error codes', zh: '错误码' },
  'nav.language': { en: '中文', zh: 'English' },
  'theme.auto': { en: 'Theme: as the system', zh: '外观：跟随系统' },
  'theme.light': { en: 'Theme: light', zh: '外观：浅色' },
  'theme.dark': { en: 'Theme: dark', zh: '外观：深色' },
  'not-found': { en: 'There is no such page', zh: '没有这个页面' },
  'no-right': {
    en: ({ scope }: { scope: string }) => `This key does not have the scope “${scope}”`,
    zh: ({ scope }) => `该密钥没有“${scope}”权限`,
  },
  'no-right.hint': {
    en: 'This page needs it. Ask the operator of this server for a key that has it.',
    zh: '打开此页需要该权限。请向运维索取有此权限的密钥。',
  },
  'no-response': {
    en: 'The server does not respond. Try again in a moment.',
    zh: '服务器没有响应，请稍后重试。',
  },
  'not-found.home': { en: 'Go to the upload', zh: '前往上传页' },

  'sign-in.title': { en: 'Images in, links out.', zh: '图片进，链接出。' },
  'sign-in.lead': {
    en: 'Pixdock checks every image, turns it upright, converts its colors, removes its location and puts it into your OSS bucket. Then you get a link that works.',
    zh: 'Pixdock 检查每张图片，转正方向，统一颜色，去掉位置信息，写入您的 OSS Bucket 后返回链接。',
  },
  'sign-in.point.batch': {
    en: 'One photo, or a supplier’s sheet with a hundred thousand rows',
    zh: '一张照片，或供应商的十万行表格',
  },
  'sign-in.point.reason': {
    en: 'A reason for each failure, and what to do about it',
    zh: '每个失败都有原因和处理方法',
  },
  'sign-in.point.receipt': {
    en: 'A receipt of everything that was changed',
    zh: '每处改动都有记录',
  },
  'sign-in.key': { en: 'API key', zh: 'API 密钥' },
  'sign-in.hint': {
    en: '`npm start` prints the key of your own installation. Otherwise ask the operator of this server. The key stays in this tab.',
    zh: '自己安装时，`npm start` 会打印密钥；否则请向运维索取。密钥只保存在当前标签页中。',
  },
  'sign-in.submit': { en: 'Sign in', zh: '登录' },
  'sign-in.busy': { en: 'Signing in …', zh: '正在登录……' },
  'sign-in.unknown-key': {
    en: 'The server does not know this key. Copy the whole key, or ask the operator for a new one.',
    zh: '服务器上没有这个密钥。请完整复制密钥，或向运维索取新的密钥。',
  },
  'sign-in.link-used': {
    en: 'This link was used already, or is older than a minute. Sign in with the key.',
    zh: '这个链接已经用过，或已超过一分钟。请用密钥登录。',
  },
});
