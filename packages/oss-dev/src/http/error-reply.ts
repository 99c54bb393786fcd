import { OssError } from './errors.js';
import { type Reply, xmlReply } from './reply.js';
import { xmlDocument } from './xml.js';

type ErrorFacts = {
  status: number;
  code: string;
  message: string;
  ec: string | undefined;
  fields: Record<string, string>;
};

/** OSS's error document; HEAD has no body, so there the document travels in `x-oss-err`, base64. */
export function errorReply(error: ErrorFacts, about: { id: string; host: string; isHead: boolean }): Reply {
  const xml = xmlDocument('Error', {
    Code: error.code,
    Message: error.message,
    RequestId: about.id,
    HostId: about.host,
    ...error.fields,
    EC: error.ec,
  });
  const headers: Record<string, string> = error.ec ? { 'x-oss-ec': error.ec } : {};
  if (about.isHead) headers['x-oss-err'] = Buffer.from(xml).toString('base64');
  return xmlReply(error.status, xml, headers);
}

/** Anything not meant for the client becomes an InternalError; `log` hears of it, unless the client has left. */
export function toOssError(error: unknown, log: (error: unknown) => void): OssError {
  if (error instanceof OssError) return error;
  if (!isClientGone(error)) log(error);
  return new OssError('InternalError', 'We encountered an internal error. Please try again.');
}

function isClientGone(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE';
}
