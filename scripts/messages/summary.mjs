/** The block that `npm start` prints once everything runs. */
export const SUMMARY = {
  /** @param {{ rows: string[], curl: string }} params */
  running: ({ rows, curl }) => ({
    en: `
Pixdock is running.

${rows.join('\n')}

Upload an image and wait for its URL ("url" in the response is the published image):

${curl}

Stop with Ctrl-C.
`,
    zh: `
Pixdock 正在运行。

${rows.join('\n')}

上传一张图片并等待其 URL（响应中的 "url" 即已发布的图片）：

${curl}

按 Ctrl-C 停止。
`,
  }),
  /** @param {{ url: string }} params */
  console: ({ url }) => ({
    en: url.includes('#') ? `${url}  (signs you in once, within a minute)` : url,
    zh: url.includes('#') ? `${url}  （一分钟内可免密登录一次）` : url,
  }),
  /** @param {{ url: string }} params */
  api: ({ url }) => ({
    en: `${url}  (contract: ${url}/openapi.json)`,
    zh: `${url}  （接口文档：${url}/openapi.json）`,
  }),
  /** @param {{ lanes: string | number }} params */
  worker: ({ lanes }) => ({
    en: `1 process, ${lanes} decode ${Number(lanes) === 1 ? 'lane' : 'lanes'}`,
    zh: `1 个进程，${lanes} 路并行解码`,
  }),
  /** @param {{ server: string, port: number }} params */
  privateRedis: ({ server, port }) => ({
    en: `private ${server} on 127.0.0.1:${port}, append-only file`,
    zh: `私有 ${server}，127.0.0.1:${port}，AOF 持久化`,
  }),
  /** @param {{ url: string }} params */
  ownRedis: ({ url }) => ({ en: `yours, ${url}`, zh: `您的 Redis，${url}` }),
  /** @param {{ url: string }} params */
  localOss: ({ url }) => ({ en: `local OSS, ${url}`, zh: `本地 OSS，${url}` }),
  /** @param {{ ALIYUN_OSS_BUCKET: string, ALIYUN_OSS_ENDPOINT: string, ALIYUN_OSS_FILE_DOMAIN: string }} params */
  bucket: (oss) => ({
    en: `bucket ${oss.ALIYUN_OSS_BUCKET} at ${oss.ALIYUN_OSS_ENDPOINT}, published as ${oss.ALIYUN_OSS_FILE_DOMAIN}`,
    zh: `Bucket ${oss.ALIYUN_OSS_BUCKET}，${oss.ALIYUN_OSS_ENDPOINT}，发布域名 ${oss.ALIYUN_OSS_FILE_DOMAIN}`,
  }),
  consoleLabel: () => ({ en: 'Console', zh: '控制台' }),
  dataLabel: () => ({ en: 'Data', zh: '数据' }),
  logsLabel: () => ({ en: 'Logs', zh: '日志' }),
  opsLabel: () => ({ en: 'Ops', zh: '运维命令' }),
  keyLabel: () => ({ en: 'Key', zh: '密钥' }),
  ownKey: () => ({
    en: 'yours, from API_KEYS or API_KEYS_FILE',
    zh: '您在 API_KEYS 或 API_KEYS_FILE 中设置的密钥',
  }),
  /** @param {{ key: string, owner: string }} params */
  key: ({ key, owner }) => ({ en: `${key}  (owner ${owner})`, zh: `${key}  （租户 ${owner}）` }),
};
