import { catalog } from '@pixdock/contract/messages/catalog';

/** Texts of the upload view. */
export const uploadMessages = catalog({
  'upload.title': { en: 'Upload images', zh: '上传图片' },
  'upload.drop': { en: 'Drop images here', zh: '将图片拖到这里' },
  'upload.drop-now': { en: 'Let go to upload', zh: '松开即上传' },
  'upload.drop-hint': {
    en: 'or paste them. Folders work, too, and so do sheets and ZIP archives.',
    zh: '也可以直接粘贴；文件夹、表格、ZIP 压缩包都行。',
  },
  'upload.choose': { en: 'Choose files', zh: '选择文件' },
  'upload.folder': { en: 'Choose a folder', zh: '选择文件夹' },
  'upload.urls': { en: 'Paste URLs', zh: '粘贴链接' },
  'upload.profile': { en: 'Profile', zh: '处理方案' },
  'upload.profile-hint': {
    en: 'default: up to 2560 px · compact: smaller files · avatar: square',
    zh: 'default：最长 2560 像素 · compact：文件更小 · avatar：方形',
  },
  'profile.variant': {
    en: ({ name, format, size }: { name: string; format: string | null; size: string }) =>
      `${name}: ${format === null ? '' : `${format}, `}${size}`,
    zh: ({ name, format, size }) => `${name}：${format === null ? '' : `${format}，`}${size}`,
  },
  'profile.within': {
    en: ({ size }: { size: string }) => `up to ${size} px`,
    zh: ({ size }) => `最大 ${size} 像素`,
  },
  'profile.cropped': {
    en: ({ size }: { size: string }) => `up to ${size} px, cropped`,
    zh: ({ size }) => `裁剪，最大 ${size} 像素`,
  },
  'profile.wide': {
    en: ({ width }: { width: number }) => `up to ${width} px wide`,
    zh: ({ width }) => `宽度最大 ${width} 像素`,
  },
  'profile.high': {
    en: ({ height }: { height: number }) => `up to ${height} px high`,
    zh: ({ height }) => `高度最大 ${height} 像素`,
  },
  'profile.full-size': { en: 'full size', zh: '原尺寸' },
  'upload.left-out': {
    en: ({ count }: { count: number }) =>
      count === 1
        ? 'One file of the folder is not an image and was left out.'
        : `${count} files of the folder are not images and were left out.`,
    zh: ({ count }) => `文件夹中有 ${count} 个非图片文件，已跳过。`,
  },
  'upload.list': { en: 'Uploads', zh: '上传列表' },
  'upload.total': {
    en: ({ done, total }: { done: number; total: number }) => `${done} of ${total} done`,
    zh: ({ done, total }) => `已完成 ${done} / ${total}`,
  },
  'upload.bytes': {
    en: ({ sent, total }: { sent: string; total: string }) => `${sent} of ${total} sent`,
    zh: ({ sent, total }) => `已发送 ${sent} / ${total}`,
  },
  'upload.failures': {
    en: ({ count }: { count: number }) => (count === 1 ? '1 problem' : `${count} problems`),
    zh: ({ count }) => `${count} 个问题`,
  },
  'upload.show-all': { en: 'Show all', zh: '显示全部' },
  'upload.show-problems': { en: 'Show only problems', zh: '只看有问题的' },
  'upload.known-files': {
    en: ({ count }: { count: number }) => `${count} already on the server`,
    zh: ({ count }) => `服务器上已有 ${count} 张`,
  },
  'upload.pause-all': { en: 'Pause', zh: '暂停' },
  'upload.resume-all': { en: 'Resume', zh: '继续' },
  'upload.retry-all': { en: 'Retry failed', zh: '重试失败项' },
  'upload.clear': { en: 'Clear finished', zh: '清除已完成' },
  'upload.cancel-all': { en: 'Cancel all', zh: '全部取消' },
  'upload.waiting': { en: 'Waiting', zh: '等待中' },
  'upload.checking': { en: 'Checking', zh: '检查中' },
  'upload.known': { en: 'Already on the server', zh: '服务器上已有' },
  'upload.sending': {
    en: ({ percent }: { percent: number }) => `Sending, ${percent} %`,
    zh: ({ percent }) => `正在发送 ${percent}%`,
  },
  'upload.accepted': { en: 'Received, in the queue', zh: '已接收，排队处理' },
  'upload.processing': { en: 'Processing', zh: '处理中' },
  'upload.published': { en: 'Published', zh: '已发布' },
  'upload.failed': { en: 'Failed', zh: '失败' },
  'upload.refused': { en: 'Refused', zh: '被拒绝' },
  'upload.paused': { en: 'Paused', zh: '已暂停' },
  'upload.canceled': { en: 'Canceled', zh: '已取消' },
  'upload.offline': { en: 'Connection lost, trying again …', zh: '连接中断，正在重试……' },
  'upload.busy': { en: 'The server is busy, trying again …', zh: '服务器繁忙，正在重试……' },
  'upload.unreadable': {
    en: 'The browser cannot read this file. It was moved, deleted or locked.',
    zh: '浏览器无法读取该文件：可能已被移动、删除或占用。',
  },
  'upload.open': { en: 'Open', zh: '查看' },
  'upload.pause-one': {
    en: ({ name }: { name: string }) => `Pause ${name}`,
    zh: ({ name }) => `暂停 ${name}`,
  },
  'upload.resume-one': {
    en: ({ name }: { name: string }) => `Resume ${name}`,
    zh: ({ name }) => `继续 ${name}`,
  },
  'upload.retry-one': {
    en: ({ name }: { name: string }) => `Retry ${name}`,
    zh: ({ name }) => `重试 ${name}`,
  },
  'upload.cancel-one': {
    en: ({ name }: { name: string }) => `Cancel ${name}`,
    zh: ({ name }) => `取消 ${name}`,
  },
  'upload.send-anyway': { en: 'Send anyway', zh: '仍然发送' },
  'upload.announce': {
    en: ({ published, known, problems }: { published: number; known: number; problems: number }) =>
      `Uploads are done: ${published} published, ${known} already on the server, ${problems} with problems.`,
    zh: ({ published, known, problems }) =>
      `上传结束：已发布 ${published} 张，服务器上已有 ${known} 张，有问题 ${problems} 张。`,
  },

  'urls.title': { en: 'Import from URLs', zh: '从链接导入' },
  'urls.label': {
    en: 'Image URLs, one per line. Any text that contains URLs will do.',
    zh: '图片链接，每行一个；夹杂其他文字也可以。',
  },
  'urls.found': {
    en: ({ count }: { count: number }) => (count === 1 ? '1 URL' : `${count} URLs`),
    zh: ({ count }) => `${count} 个链接`,
  },
  'urls.repeated': {
    en: ({ count }: { count: number }) => `, ${count} repeated`,
    zh: ({ count }) => `，重复 ${count} 个`,
  },
  'urls.import': { en: 'Import', zh: '导入' },
});
