import { catalog } from '@pixdock/contract/messages/catalog';

/** Texts of the view of one image and of the gallery. */
export const imageMessages = catalog({
  'image.back': { en: 'All images', zh: '全部图片' },
  'image.of-batch': { en: 'Batch', zh: '批次' },
  'image.row': { en: ({ row }: { row: number }) => `row ${row}`, zh: ({ row }) => `第 ${row} 行` },
  'image.before': { en: 'Before', zh: '处理前' },
  'image.after': { en: 'After', zh: '处理后' },
  'image.compare': { en: 'Compare before and after', zh: '对比处理前后' },
  'image.alt': { en: 'The published image', zh: '已发布的图片' },
  'image.alt-before': { en: 'Your file before the upload', zh: '上传前的文件' },
  'image.changes': { en: 'What changed', zh: '改动记录' },
  'image.unchanged': { en: 'Nothing had to change', zh: '无需改动' },
  'image.variants': { en: 'Links', zh: '链接' },
  'image.open': { en: 'Open', zh: '打开' },
  'image.copy-as': { en: 'Copy as', zh: '复制为' },
  'image.timeline': { en: 'Timeline', zh: '处理过程' },
  'image.facts': { en: 'Before and after', zh: '前后对比' },
  'image.format': { en: 'Format', zh: '格式' },
  'image.dimensions': { en: 'Pixels', zh: '像素' },
  'image.size': { en: 'Size', zh: '大小' },
  'image.color': { en: 'Color', zh: '颜色' },
  'image.details': { en: 'Details', zh: '详情' },
  'image.file': { en: 'File', zh: '文件' },
  'image.source-url': { en: 'Source', zh: '来源' },
  'image.id': { en: 'Id', zh: 'ID' },
  'image.reused': { en: 'The same as', zh: '沿用的图片' },
  'image.external-id': { en: 'Your id', zh: '外部编号' },
  'image.profile': { en: 'Profile', zh: '处理方案' },
  'image.attempts': { en: 'Attempts', zh: '尝试次数' },
  'image.expires': { en: 'Record kept until', zh: '记录保留至' },
  'image.failed': { en: 'Why it failed', zh: '失败原因' },
  'image.fix': { en: 'What to do', zh: '处理方法' },
  'image.last-error': { en: 'The last attempt failed and is repeated', zh: '上次尝试失败，正在重试' },
  'image.retryable': { en: 'A retry can help.', zh: '重试可能成功。' },
  'image.repairable': {
    en: 'Once this is done, a retry can help.',
    zh: '处理好之后重试，可能会成功。',
  },
  'image.not-retryable': {
    en: 'A retry gives the same result until the file or its address is corrected.',
    zh: '文件或链接没有改好之前，重试也是同样的结果。',
  },
  'image.wait': { en: 'The image appears here once it is published.', zh: '发布后图片会显示在这里。' },
  'image.held': { en: 'Not public: this image waits for a review.', zh: '尚未公开：图片正在等待审核。' },
  'image.gone': {
    en: 'This image is deleted. Its links no longer work.',
    zh: '这张图片已删除，链接已失效。',
  },
  'image.delete-at': {
    en: ({ time }: { time: string }) => `Will be deleted at ${time} unless you keep it`,
    zh: ({ time }) => `将于 ${time} 删除，除非设为保留`,
  },
  'image.deleting': { en: 'Deletion is in progress', zh: '正在删除' },
  'image.delete-title': { en: 'Delete this image?', zh: '删除这张图片？' },
  'image.delete-effect': {
    en: ({ variants }: { variants: number }) =>
      `Pixdock removes ${variants === 1 ? 'its object' : `its ${variants} objects`} from the bucket. Pages that use the links show no image any more, and rows of batches that have reused these images lose their links; a CDN may still have copies for a while. This cannot be undone.`,
    zh: ({ variants }) =>
      `Pixdock 会从 Bucket 中删除这张图片的全部 ${variants} 个文件。用到这些链接的页面将不再显示图片，沿用了这些图片的批次行也会失去链接；CDN 可能还会缓存一段时间。此操作无法撤销。`,
  },
  'image.delete-pending': {
    en: 'Pixdock stops the work on this image and keeps nothing of it. This cannot be undone.',
    zh: 'Pixdock 会停止处理这张图片，不保留任何内容。此操作无法撤销。',
  },
  'image.delete-unpublished': {
    en: 'Pixdock deletes the source, externalId and metadata of this image. It cannot be retried afterwards. This cannot be undone.',
    zh: 'Pixdock 会删除这张图片的原图、externalId 与 metadata，删除后不能再重试。此操作无法撤销。',
  },

  'receipt.upright': { en: 'Rotated upright', zh: '已转正方向' },
  'receipt.color': {
    en: ({ change }: { change: string }) => `Color ${change}`,
    zh: ({ change }) => `颜色 ${change}`,
  },
  'receipt.gps': { en: 'GPS position removed', zh: '已去除 GPS 位置' },
  'receipt.delays-shortened': {
    en: 'frames of more than 65.5 s shortened to 65.5 s',
    zh: '时长超过 65.5 秒的帧已缩短为 65.5 秒',
  },
  'receipt.removed': {
    en: ({ names }: { names: string }) => `${names} removed`,
    zh: ({ names }) => `已去除 ${names}`,
  },
  'receipt.resized': {
    en: ({ before, after }: { before: string; after: string }) => `Resized, ${before} → ${after}`,
    zh: ({ before, after }) => `已缩放，${before} → ${after}`,
  },
  'receipt.label-kept': { en: 'AI label kept', zh: '已保留 AI 标识' },
  'receipt.label-omitted': { en: 'AI label not kept', zh: '未保留 AI 标识' },
  'receipt.overlay': { en: 'Overlay drawn', zh: '已绘制叠加图' },
  'receipt.copyright': { en: 'Copyright kept', zh: '已保留版权信息' },
  'receipt.c2pa': { en: 'C2PA manifest removed', zh: '已去除 C2PA 清单' },
  'receipt.gain-map': { en: 'HDR gain map removed', zh: '已去除 HDR 增益图' },
  'receipt.smaller': {
    en: ({ before, after, percent }: { before: string; after: string; percent: number }) =>
      `${before} → ${after}, ${percent} % smaller`,
    zh: ({ before, after, percent }) => `${before} → ${after}，缩小 ${percent}%`,
  },
  'receipt.size': {
    en: ({ before, after }: { before: string; after: string }) => `${before} → ${after}`,
    zh: ({ before, after }) => `${before} → ${after}`,
  },
  'receipt.label_added': { en: 'Larger because of its label', zh: '加了 AI 标识，因此变大' },
  'receipt.source_optimized': {
    en: 'Larger because the encoder cannot match the size of the source at its quality',
    zh: '原图已充分压缩，同样质量下无法更小，因此变大',
  },
  'receipt.lossless_source': {
    en: 'Larger because every pixel of the lossless source is kept',
    zh: '原图是无损格式，逐像素保留，因此变大',
  },
  'receipt.other_format': {
    en: 'Larger because the profile asks for another format',
    zh: '处理方案要求其他格式，因此变大',
  },
  'receipt.pixels_changed': {
    en: 'Larger because the pixels had to change',
    zh: '像素有改动，因此变大',
  },

  'gallery.title': { en: 'Images', zh: '图片' },
  'gallery.status': { en: 'Status', zh: '状态' },
  'gallery.any-status': { en: 'Every status', zh: '全部状态' },
  'gallery.code': { en: 'Failure', zh: '失败原因' },
  'gallery.any-code': { en: 'All images', zh: '不限' },
  'gallery.since': { en: 'From', zh: '开始日期' },
  'gallery.until': { en: 'To', zh: '结束日期' },
  'gallery.label': { en: 'AI label', zh: 'AI 标识' },
  'gallery.any-label': { en: 'All images', zh: '不限' },
  'gallery.label.any': { en: 'Any label', zh: '任意标识' },
  'gallery.label.ai': { en: 'AI-generated', zh: 'AI 生成' },
  'gallery.label.maybe': { en: 'May be AI-generated', zh: '可能为 AI 生成' },
  'gallery.label.suspected': { en: 'Suspected', zh: '疑似 AI 生成' },
  'gallery.search': { en: 'Your id or file name begins with', zh: '外部编号或文件名的开头' },
  'gallery.select': {
    en: ({ name }: { name: string }) => `Select ${name}`,
    zh: ({ name }) => `选择 ${name}`,
  },
  'gallery.selection': { en: 'Selected images', zh: '已选图片' },
  'gallery.selected': {
    en: ({ count }: { count: string }) => `${count} selected`,
    zh: ({ count }) => `已选 ${count} 张`,
  },
  'gallery.working': {
    en: ({ done }: { done: string }) => `${done} done …`,
    zh: ({ done }) => `已完成 ${done} 张……`,
  },
  'gallery.copy-urls': { en: 'Copy URLs', zh: '复制链接' },
  'gallery.csv': { en: 'Download as CSV', zh: '下载 CSV' },
  'gallery.select-all': {
    en: ({ count }: { count: string }) => `Select all ${count}`,
    zh: ({ count }) => `全选（${count} 张）`,
  },
  'gallery.deselect': { en: 'Deselect all', zh: '取消选择' },
  'gallery.delete-title': {
    en: ({ count }: { count: string }) =>
      count === '1' ? 'Delete this image?' : `Delete these ${count} images?`,
    zh: ({ count }) => `删除这 ${count} 张图片？`,
  },
  'gallery.delete-effect': {
    en: 'Pixdock stops the work on them and removes their objects from the bucket. Pages that use the links show no image any more; a CDN may still have copies for a while. This cannot be undone.',
    zh: 'Pixdock 会停止处理这些图片，并从 Bucket 中删除其文件。用到这些链接的页面将不再显示图片，CDN 可能还会缓存一段时间。此操作无法撤销。',
  },
  'gallery.batch': { en: 'Batch', zh: '批次' },
  'gallery.clear': { en: 'Clear filters', zh: '清除筛选' },
  'gallery.empty': { en: 'No images yet', zh: '还没有图片' },
  'gallery.empty-hint': {
    en: 'What you upload appears here, newest first.',
    zh: '上传的图片会按时间倒序显示在这里。',
  },
  'gallery.upload': { en: 'Upload images', zh: '上传图片' },
  'gallery.none': { en: 'No image matches these filters', zh: '没有符合筛选条件的图片' },
  'gallery.end': { en: 'That is all', zh: '已全部显示' },
  'gallery.unnamed': { en: 'Without a name', zh: '未命名' },
});
