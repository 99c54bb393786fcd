import { OssError } from '../http/errors.js';
import type { OssRequest } from '../http/request.js';
import { type Route, routes } from './routes.js';

/** Finds the requested operation. @throws OssError NotImplemented for any other operation, parameter or x-oss- header */
export function routeOf(request: OssRequest): Route {
  const target = request.key === undefined ? 'bucket' : 'object';
  const candidates = routes.filter((route) => route.method === request.method && route.on === target);
  const route =
    candidates.find((r) => r.subresource && request.query.has(r.subresource)) ??
    candidates.find((r) => r.whenHeader && request.headers[r.whenHeader] !== undefined) ??
    candidates.find((r) => !r.subresource && !r.whenHeader);
  if (!route || request.bucket === undefined) throw notImplemented(`${request.method} of this resource`);
  const parameter = [...request.query.keys()].find((name) => !supportsParameter(route, name));
  if (parameter !== undefined) throw notImplemented(`The parameter '${parameter}' in ${request.method}`);
  const header = Object.keys(request.headers).find((name) => !supportsHeader(route, name));
  if (header !== undefined) throw notImplemented(`The header '${header}' in ${route.name}`);
  return route;
}

function supportsParameter(route: Route, name: string): boolean {
  return (
    name === route.subresource ||
    signingParameters.includes(name) ||
    route.parameters?.includes(name) === true
  );
}

function supportsHeader(route: Route, name: string): boolean {
  if (!name.startsWith('x-oss-') || commonHeaders.includes(name)) return true;
  return (
    route.headers?.some((known) =>
      known.endsWith('*') ? name.startsWith(known.slice(0, -1)) : name === known,
    ) === true
  );
}

function notImplemented(subject: string): OssError {
  return new OssError('NotImplemented', `${subject} is not implemented by the local OSS.`);
}

const signingParameters = [
  'x-oss-additional-headers',
  'x-oss-credential',
  'x-oss-date',
  'x-oss-expires',
  'x-oss-security-token',
  'x-oss-signature',
  'x-oss-signature-version',
  'OSSAccessKeyId',
  'Expires',
  'Signature',
  'security-token',
];

const commonHeaders = ['x-oss-content-sha256', 'x-oss-date', 'x-oss-security-token', 'x-oss-user-agent'];
