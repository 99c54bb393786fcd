import type { Reply } from '../http/reply.js';
import { deleteBucket, getBucketInfo, putBucket } from './bucket.js';
import type { BucketRequest, Context, ObjectRequest } from './context.js';
import { copyObject } from './copy-object.js';
import { deleteMultipleObjects, deleteObject } from './delete-object.js';
import { getObject, headObject } from './get-object.js';
import { listObjectsV2 } from './list-objects.js';
import { postObject } from './post-object.js';
import { appendObject, putObject } from './put-object.js';

/**
 * One operation. The query parameter `subresource` or the header `whenHeader` selects it; `parameters` and `headers` (those with `x-oss-`) are
 * the supported optional ones. Any other gets a 501.
 */
export type Route = Common & (OnBucket | OnObject);
type Common = {
  name: string;
  method: string;
  subresource?: string;
  whenHeader?: string;
  parameters?: string[];
  headers?: string[];
};
type OnBucket = { on: 'bucket'; run(request: BucketRequest, context: Context): Promise<Reply> };
type OnObject = { on: 'object'; run(request: ObjectRequest, context: Context): Promise<Reply> };

export const routes: Route[] = [
  {
    name: 'PutObject',
    method: 'PUT',
    on: 'object',
    headers: ['x-oss-forbid-overwrite', 'x-oss-meta-*'],
    run: putObject,
  },
  {
    name: 'CopyObject',
    method: 'PUT',
    on: 'object',
    whenHeader: 'x-oss-copy-source',
    headers: ['x-oss-copy-source', 'x-oss-forbid-overwrite'],
    run: copyObject,
  },
  {
    name: 'AppendObject',
    method: 'POST',
    on: 'object',
    subresource: 'append',
    parameters: ['position'],
    headers: ['x-oss-meta-*'],
    run: appendObject,
  },
  { name: 'GetObject', method: 'GET', on: 'object', headers: ['x-oss-range-behavior'], run: getObject },
  { name: 'HeadObject', method: 'HEAD', on: 'object', run: headObject },
  { name: 'DeleteObject', method: 'DELETE', on: 'object', run: deleteObject },
  {
    name: 'DeleteMultipleObjects',
    method: 'POST',
    on: 'bucket',
    subresource: 'delete',
    run: deleteMultipleObjects,
  },
  { name: 'PutBucket', method: 'PUT', on: 'bucket', run: putBucket },
  { name: 'DeleteBucket', method: 'DELETE', on: 'bucket', run: deleteBucket },
  { name: 'GetBucketInfo', method: 'GET', on: 'bucket', subresource: 'bucketInfo', run: getBucketInfo },
  {
    name: 'ListObjectsV2',
    method: 'GET',
    on: 'bucket',
    subresource: 'list-type',
    parameters: ['prefix', 'delimiter', 'max-keys', 'encoding-type', 'continuation-token', 'start-after'],
    run: listObjectsV2,
  },
  { name: 'PostObject', method: 'POST', on: 'bucket', run: postObject },
];
