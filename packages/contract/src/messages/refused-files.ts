import { catalog } from './catalog.js';
import { list } from './values.js';

/** Refusals of files that people send by mistake, or in formats of images that are never accepted. */
export const refusedFileMessages = catalog({
  'zip-refused': {
    en: ({ formats }: { formats: readonly string[] }) =>
      `This is a ZIP archive, not an image (${list.en(formats)}). Submit an archive of images as a batch, with Content-Type: application/zip.`,
    zh: ({ formats }) =>
      `这是 ZIP 压缩包，不是图片（${list.zh(formats)}）。图片压缩包请作为批次提交，Content-Type 为 application/zip。`,
  },
  'office-refused': {
    en: ({ formats }: { formats: readonly string[] }) =>
      `This is an Excel workbook (XLSX, XLS) or another Office document, not an image (${list.en(formats)}). Submit an .xlsx workbook as a batch: POST /v1/batches.`,
    zh: ({ formats }) =>
      `这是 Excel 工作簿（XLSX、XLS）或其他 Office 文档，不是图片（${list.zh(formats)}）。.xlsx 工作簿请作为批次提交：POST /v1/batches。`,
  },
  'video-refused': {
    en: ({ formats }: { formats: readonly string[] }) =>
      `This is a video (MP4, MOV, WebM or the like), not an image (${list.en(formats)}). Send one of its frames as an image.`,
    zh: ({ formats }) =>
      `这是视频（MP4、MOV、WebM 等），不是图片（${list.zh(formats)}）。请截取其中一帧作为图片发送。`,
  },
  'format-switched-off': {
    en: ({ format, formats }: { format: string; formats: readonly string[] }) =>
      `This server does not accept ${format.toUpperCase()} images, only ${list.en(formats)}. Convert the image, or let the operator set ACCEPT_FORMATS=${[...formats, format].join(',')}.`,
    zh: ({ format, formats }) =>
      `此服务器不接受 ${format.toUpperCase()} 图片，只接受 ${list.zh(formats)}。请转换格式，或请运维设置 ACCEPT_FORMATS=${[...formats, format].join(',')}。`,
  },
  'text-refused': {
    en: ({ formats }: { formats: readonly string[] }) =>
      `This is text, not an image (${list.en(formats)}). Check the file or its URL. Base64 is not decoded; a list of URLs is a batch of its own, sent as text/csv.`,
    zh: ({ formats }) =>
      `这是文本，不是图片（${list.zh(formats)}）。请检查文件或链接。这里不解码 Base64；链接列表请单独作为批次提交（text/csv），不要当作图片。`,
  },
  'html-refused': {
    en: ({ formats }: { formats: readonly string[] }) =>
      `This is an HTML page, not an image (${list.en(formats)}). Send the image itself. If the URL is that of an image, its server responded with a page, for example to sign in.`,
    zh: ({ formats }) =>
      `这是 HTML 网页，不是图片（${list.zh(formats)}）。请发送图片本身。如果用的是图片链接，那么对方服务器返回的是网页，例如登录页。`,
  },
  'svg-refused': {
    en: ({ formats }: { formats: readonly string[] }) =>
      `SVG images are not accepted, because they can contain scripts. Export the image in one of these formats: ${list.en(formats)}.`,
    zh: ({ formats }) =>
      `不接受 SVG，因为其中可能含有脚本。请将图片导出为以下格式之一：${list.zh(formats)}。`,
  },
  'bmp-refused': {
    en: ({ formats }: { formats: readonly string[] }) =>
      `BMP images are not accepted. Save the image in one of these formats: ${list.en(formats)}.`,
    zh: ({ formats }) => `不接受 BMP。请将图片另存为以下格式之一：${list.zh(formats)}。`,
  },
  'pdf-refused': {
    en: ({ formats }: { formats: readonly string[] }) =>
      `This is a PDF. Export its pages as images in one of these formats: ${list.en(formats)}.`,
    zh: ({ formats }) => `这是 PDF。请将页面导出为以下格式之一的图片：${list.zh(formats)}。`,
  },
});
