import { OssError } from './errors.js';
import { type Reply, xmlReply } from './reply.js';
import { xmlDocument } from './xml.js';

type ErrorFacts = {
  status: number;
  code: string;
  message: string;
  ec: string | undefined;
  fields: Record<string, string>;
  headers?: Record<string, string>;
};

/** An OSS error document. A response to HEAD has no body, so it carries the document in `x-oss-err` as base64. */
export function errorReply(error: ErrorFacts, context: { id: string; host: string; method: string }): Reply {
  const xml = xmlDocument('Error', {
    Code: error.code,
    Message: error.message,
    RequestId: context.id,
    HostId: context.host,
    ...error.fields,
    EC: error.ec,
  });
  const headers: Record<string, string> = { ...error.headers, ...(error.ec && { 'x-oss-ec': error.ec }) };
  if (context.method === 'HEAD') headers['x-oss-err'] = Buffer.from(xml).toString('base64');
  return xmlReply(error.status, xml, headers);
}

/** Turns an unexpected error into an InternalError and logs it, unless the client has disconnected. */
export function toOssError(error: unknown, log: (error: unknown) => void): OssError {
  if (error instanceof OssError) return error;
  if (!isDisconnect(error)) log(error);
  return new OssError('InternalError', 'We encountered an internal error. Please try again.');
}

function isDisconnect(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE';
}
