import { catalog, sayIn, textIn } from '@pixdock/contract/messages/catalog';
import type { Text } from '@pixdock/contract/messages/text';
import { size } from '@pixdock/contract/messages/values';

interface Target {
  bucket: string;
  region: string;
  endpoint: string;
  addressing: string;
  url: string;
}

interface Times {
  put: number;
  get: number;
  list: number;
  rounds: number;
}

const messages = catalog({
  target: {
    en: ({ bucket, region, endpoint, addressing, url }: Target) =>
      `bucket ${bucket} (${region}) at ${endpoint}, ${addressing}; public ${url}`,
    zh: ({ bucket, region, endpoint, addressing, url }) =>
      `Bucket ${bucket}（${region}），接入域名 ${endpoint}，${addressing} 方式；公开地址 ${url}`,
  },
  step: {
    en: ({ detail, ms }: { detail: string; ms: number }) => `${detail} (${ms} ms)`,
    zh: ({ detail, ms }) => `${detail}（${ms} ms）`,
  },
  'failed-step': {
    en: ({ code, detail, ms }: { code: string; detail: string; ms: number }) =>
      `${code}: ${detail} (${ms} ms)`,
    zh: ({ code, detail, ms }) => `${code}：${detail}（${ms} ms）`,
  },
  'skipped-step': { en: 'skipped', zh: '已跳过' },
  fix: { en: ({ fix }: { fix: string }) => `fix: ${fix}`, zh: ({ fix }) => `处理方法：${fix}` },
  result: {
    en: ({ faults }: { faults: number }) =>
      faults === 0 ? 'No faults found.' : `${faults} ${faults === 1 ? 'fault' : 'faults'}.`,
    zh: ({ faults }) => (faults === 0 ? '未发现问题。' : `发现 ${faults} 个问题。`),
  },

  'staging-id': {
    en: ({ id }: { id: string }) => `staging ${id}; Redis belongs to no other`,
    zh: ({ id }) => `暂存区 ${id}；Redis 不属于其他暂存区`,
  },
  'staging-not-compared': {
    en: ({ id, reason }: { id: string; reason: Text }) =>
      `staging ${id}, not compared with that of Redis: ${reason.en}`,
    zh: ({ id, reason }) => `暂存区 ${id}，未与 Redis 比对：${reason.zh}`,
  },
  'no-redis-url': { en: 'REDIS_URL is not set', zh: '未设置 REDIS_URL' },
  'no-staging-id': {
    en: ({ place }: { place: string }) => `${place} has no staging yet; the first service creates it`,
    zh: ({ place }) => `${place} 中还没有暂存区；首个服务启动时会创建`,
  },
  'staging-private': {
    en: ({ bucket }: { bucket: string }) => `${bucket}: ACL private, no versioning`,
    zh: ({ bucket }) => `${bucket}：读写权限为“私有”，未开启版本控制`,
  },
  'staging-times': {
    en: ({ put, get, list, rounds }: Times) =>
      `put ${put} ms, get ${get} ms, list ${list} ms (medians of ${rounds}); listings show an object right after its put`,
    zh: ({ put, get, list, rounds }) =>
      `写入 ${put} ms，读取 ${get} ms，列举 ${list} ms（${rounds} 次的中位数）；对象写入后立即可列举`,
  },
  'staging-raced': {
    en: ({ racers, ms }: { racers: number; ms: number }) =>
      `of ${racers} racing puts OSS stored one and refused the others; median ${ms} ms`,
    zh: ({ racers, ms }) => `${racers} 个并发写入中，OSS 只接受了一个，拒绝了其余；中位数 ${ms} ms`,
  },
  unlisted: {
    en: ({ unlisted, rounds }: { unlisted: number; rounds: number }) => `${unlisted} of ${rounds} objects`,
    zh: ({ unlisted, rounds }) => `${rounds} 个对象中的 ${unlisted} 个`,
  },
  winners: {
    en: ({ winners, racers }: { winners: number; racers: number }) => `${winners} of ${racers} were stored`,
    zh: ({ winners, racers }) => `${racers} 个中有 ${winners} 个写入成功`,
  },
  'other-bytes': {
    en: 'the object does not have the bytes of the put that was stored',
    zh: '对象的内容与写入成功的那一个不同',
  },
  'heic-decoded': {
    en: ({ command }: { command: string }) => `${command} decoded a sample`,
    zh: ({ command }) => `${command} 成功解码了示例图片`,
  },
  stored: {
    en: ({ bytes, key }: { bytes: number; key: string }) => `stored ${size.en(bytes)} as ${key}`,
    zh: ({ bytes, key }) => `已写入 ${size.zh(bytes)}，对象名 ${key}`,
  },
  deleted: { en: ({ key }: { key: string }) => `deleted ${key}`, zh: ({ key }) => `已删除 ${key}` },
  'clock-agrees': { en: "this machine's clock agrees with that of OSS", zh: '本机时钟与 OSS 一致' },
  'overwrite-refused': {
    en: 'OSS rejected a second put of the same key, as it must',
    zh: 'OSS 拒绝了对同一对象名的第二次写入，符合要求',
  },
  'head-matches': {
    en: ({ bytes, contentType }: { bytes: number; contentType: string }) =>
      `${size.en(bytes)}, ${contentType}, ETag and metadata as sent`,
    zh: ({ bytes, contentType }) => `${size.zh(bytes)}，${contentType}，ETag 与元数据和写入时一致`,
  },
  'publicly-readable': {
    en: ({ type }: { type: string }) => `200, ${type}, displayed by browsers`,
    zh: ({ type }) => `200，${type}，浏览器可直接显示`,
  },

  'cdn-checked': {
    en: ({ status }: { status: number }) =>
      `the CDN refuses private images without a signature with ${status}, and those with an expired one`,
    zh: ({ status }) => `CDN 拒绝不带签名（${status}）和签名已过期的私有图片，并接受有效的签名`,
  },
  'private-refused': {
    en: ({ status }: { status: number }) =>
      `the private bucket refuses an anonymous read with ${status} and accepts a signed URL`,
    zh: ({ status }) => `私有 Bucket 拒绝匿名读取（${status}），并接受签名链接`,
  },
  status: {
    en: ({ status }: { status: number }) => `status ${status}`,
    zh: ({ status }) => `状态码 ${status}`,
  },

  'keys-open': {
    en: ({ images }: { images: number }) =>
      images === 0 ? 'no images to open yet' : `METADATA_KEY opened the metadata of ${images} images`,
    zh: ({ images }) =>
      images === 0 ? '还没有可抽查的图片' : `抽查了 ${images} 张图片的元数据，METADATA_KEY 全部可以解密`,
  },
  'keys-not-listed': {
    en: 'not looked at: without oss:ListObjects the metadata of images cannot be sampled',
    zh: '未抽查：没有 oss:ListObjects 权限，无法抽取图片的元数据',
  },

  'clock-offset': {
    en: ({ seconds }: { seconds: number }) => `${Math.abs(seconds)} s ${seconds > 0 ? 'ahead' : 'behind'}`,
    zh: ({ seconds }) => `${seconds > 0 ? '快' : '慢'} ${Math.abs(seconds)} 秒`,
  },
  'stored-as': {
    en: ({ bytes, contentType, etag }: { bytes: number; contentType: string; etag: string }) =>
      `${size.en(bytes)}, ${contentType}, ETag ${etag}`,
    zh: ({ bytes, contentType, etag }) => `${size.zh(bytes)}，${contentType}，ETag ${etag}`,
  },
  'other-size': {
    en: ({ actual, expected }: { actual: number; expected: number }) =>
      `${size.en(actual)} instead of ${size.en(expected)}`,
    zh: ({ actual, expected }) => `${size.zh(actual)}，应为 ${size.zh(expected)}`,
  },
  'http-status': {
    en: ({ status, isPage, code }: { status: number; isPage: boolean; code: string | null }) =>
      `status ${status}${isPage ? ', an HTML page' : ''}${code === null ? '' : `, ${code}`}`,
    zh: ({ status, isPage, code }) =>
      `状态码 ${status}${isPage ? '，HTML 页面' : ''}${code === null ? '' : `，${code}`}`,
  },
  'redirect-target': {
    en: ({ status, origin }: { status: number; origin: string | null }) =>
      `status ${status} to ${origin ?? 'another path'}`,
    zh: ({ status, origin }) => `状态码 ${status}，重定向到 ${origin ?? '其他路径'}`,
  },
  verbatim: { en: ({ value }: { value: string }) => value, zh: ({ value }) => value },
  'no-response-in-time': { en: 'no response in time', zh: '未在限定时间内响应' },
  'no-content-type': { en: 'no Content-Type', zh: '没有 Content-Type' },
});

export const say = sayIn(messages);
export const text = textIn(messages);
