import type { PixdockError } from '@pixdock/contract/error';
import { invalid } from '../http/invalid.js';

export const MALFORMED = (): PixdockError =>
  invalid(
    'The multipart body is malformed or cut off. Let your HTTP library set Content-Type with its boundary, and give every part a Content-Disposition: form-data with a name.',
    'multipart 请求体格式有误或不完整。请让 HTTP 库自动设置带 boundary 的 Content-Type，且每个部分都须有带 name 的 Content-Disposition: form-data。',
  );
export const NO_FILE = () =>
  invalid(
    'There is no file. Send one part named `file`; with curl: -F file=@photo.jpg.',
    '没有文件。请发送一个名为 file 的部分；使用 curl：-F file=@photo.jpg。',
  );
export const TWO_FILES = () =>
  invalid('There is more than one file; send each in a request of its own.', '包含多个文件；请分别发送。');
export const FILE_AS_TEXT = () =>
  invalid(
    'The part `file` is text, not a file; with curl write -F file=@photo.jpg with the @.',
    'file 部分是文本而非文件；使用 curl 时写成 -F file=@photo.jpg，注意 @。',
  );
export const TOO_LONG = () => invalid('A field name or value is too long.', '字段名或字段值过长。');
export const TOO_MANY = () => invalid('There are too many parts.', '部分（part）过多。');
export const notTheFile = (name: string) =>
  invalid(
    `A file must be in the part named \`file\`, not "${name.slice(0, 64).replace(/[^\w.-]/g, '?')}".`,
    '文件必须放在名为 file 的部分中。',
  );
export const twice = (name: string) =>
  invalid(`Field "${name.slice(0, 64).replace(/[^\w.-]/g, '?')}" is there twice.`, '同一字段出现了两次。');
