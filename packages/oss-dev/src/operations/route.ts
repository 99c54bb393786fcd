import { OssError } from '../http/errors.js';
import type { OssRequest } from '../http/request.js';
import { type Route, routes } from './routes.js';

/** Finds the operation a request asks for; throws NotImplemented for any other, and for what it does not understand. */
export function routeOf(request: OssRequest): Route {
  const target = request.key === undefined ? 'bucket' : 'object';
  const asked = routes.filter((route) => route.method === request.method && route.on === target);
  const route =
    asked.find((r) => r.subresource && request.query.has(r.subresource)) ?? asked.find((r) => !r.subresource);
  if (!route || request.bucket === undefined) throw notImplemented(`${request.method} of this resource`);
  const parameter = [...request.query.keys()].find((name) => !understandsParameter(route, name));
  if (parameter !== undefined) throw notImplemented(`The parameter '${parameter}' in ${request.method}`);
  const header = Object.keys(request.headers).find((name) => !understandsHeader(route, name));
  if (header !== undefined) throw notImplemented(`The header '${header}' in ${route.name}`);
  return route;
}

function understandsParameter(route: Route, name: string): boolean {
  return name === route.subresource || signing.includes(name) || route.parameters?.includes(name) === true;
}

function understandsHeader(route: Route, name: string): boolean {
  if (!name.startsWith('x-oss-') || always.includes(name)) return true;
  return (
    route.headers?.some((known) =>
      known.endsWith('*') ? name.startsWith(known.slice(0, -1)) : name === known,
    ) === true
  );
}

function notImplemented(what: string): OssError {
  return new OssError('NotImplemented', `${what} is not implemented by the local OSS.`);
}

const signing = [
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

const always = ['x-oss-content-sha256', 'x-oss-date', 'x-oss-security-token', 'x-oss-user-agent'];
