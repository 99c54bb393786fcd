import { catalog } from '../catalog.js';

/** Titles and fixes of the codes about an image or a row itself. */
export const imageErrors = catalog({
  'image_corrupt.title': { en: 'The image is damaged', zh: '图片已损坏' },
  'image_corrupt.fix': {
    en: 'Export or save the image again from its original, and upload that file or put it at the source address.',
    zh: '请从原图重新导出后再上传；来自链接的图片，请替换链接处的文件。',
  },
  'image_truncated.title': { en: 'The image is incomplete', zh: '图片不完整' },
  'image_truncated.fix': {
    en: 'Upload the whole file, or put it at the source address. The transfer that made this copy was interrupted.',
    zh: '图片不完整（只有前半截），请换完整原图；来自链接的图片，请替换链接处的文件。',
  },
  'image_too_large.title': { en: 'The image has too many pixels', zh: '图片像素过多' },
  'image_too_large.fix': {
    en: 'Scale it down first; or raise MAX_PIXELS (for animations MAX_ANIMATION_PIXELS) on the server, then retry.',
    zh: '请先缩小图片；或请运维调高 MAX_PIXELS（动图为 MAX_ANIMATION_PIXELS），然后重试。',
  },
  'too_many_frames.title': { en: 'The animation has too many frames', zh: '动图帧数过多' },
  'too_many_frames.fix': {
    en: 'Shorten the animation, send a still image, or choose a profile that accepts animations; or raise MAX_FRAMES on the server, then retry.',
    zh: '请缩短动图、改发静态图片，或选择允许动图的处理方案（profile）；也可请运维调高 MAX_FRAMES，然后重试。',
  },
  'image_too_complex.title': { en: 'The image needs too much work to decode', zh: '图片结构太复杂' },
  'image_too_complex.fix': {
    en: 'Save it again as a plain baseline JPEG or PNG and upload that file; or, for a JPEG of many scans, raise MAX_SCANS on the server, then retry.',
    zh: '图片结构太复杂，请另存为普通的 JPEG 或 PNG 后再传；若因 JPEG 扫描次数过多，也可请运维调高 MAX_SCANS，然后重试。',
  },
  'image_too_small.title': {
    en: 'The image is smaller than the profile requires',
    zh: '图片尺寸小于处理方案的要求',
  },
  'image_too_small.fix': { en: 'Send a larger image.', zh: '请换一张更大的图片。' },
  'aspect_mismatch.title': {
    en: 'The image does not have the aspect ratio that the profile requires',
    zh: '图片宽高比不符合处理方案的要求',
  },
  'aspect_mismatch.fix': {
    en: 'Crop it to the ratio that `detail` names.',
    zh: '请按 detail 中的比例裁剪后再传。',
  },
  'processing_timeout.title': { en: 'Processing took too long', zh: '处理超时' },
  'processing_timeout.fix': {
    en: 'Retry once. If it fails again, save the image in a simpler form.',
    zh: '请重试一次；仍然失败的话，请把图片另存为更简单的格式。',
  },
  'processing_crashed.title': { en: 'Processing this image crashed', zh: '处理这张图片时进程崩溃' },
  'processing_crashed.fix': {
    en: 'Retry once. If it fails again, save the image in another format and report the problem.',
    zh: '请重试一次；仍然失败的话，请把图片另存为其他格式，并把问题反馈给运维。',
  },
  'content_rejected.title': { en: 'The review rejected the image', zh: '图片未通过审核' },
  'content_rejected.fix': {
    en: 'The image did not pass the review. Submit another image.',
    zh: '图片未通过审核。请换一张图片重新提交。',
  },
  'invalid_row.title': { en: 'This row of the batch is invalid', zh: '这一行有误' },
  'invalid_row.fix': { en: 'Correct the field that `detail` names.', zh: '请修改 detail 指出的字段。' },
  'canceled.title': { en: 'The image was canceled', zh: '图片已取消' },
  'canceled.fix': { en: 'Submit it again if you still want it.', zh: '如仍需要，请重新提交。' },
});
