import { catalog, sayIn, textIn } from '@pixdock/contract/messages/catalog';

/** Problems of STAGING_URL and of the ALIYUN_OSS_* and ALIBABA_CLOUD_* settings, each with a `.fix`. */
const messages = catalog({
  'unknown-setting': { en: 'is not a setting', zh: '不是配置项' },
  'unknown-setting.fix': {
    en: ({ names }: { names: readonly string[] }) => `use one of ${names.join(', ')}`,
    zh: ({ names }) => `请使用以下之一：${names.join('、')}`,
  },

  'endpoint.fix': {
    en: "set the host alone, for example oss-cn-hangzhou.aliyuncs.com or the bucket's own domain",
    zh: '只填写域名，例如 oss-cn-hangzhou.aliyuncs.com 或 Bucket 绑定的自定义域名',
  },
  'url-malformed': {
    en: 'is not an http(s) address, or contains white space, a user name, a query or a "#"',
    zh: '不是 http(s) 地址，或包含空白字符、用户名、查询参数或“#”',
  },
  'endpoint-host-unsupported': {
    en: ({ host }: { host: string }) => `has the host "${host}", which ali-oss does not support`,
    zh: ({ host }) => `主机“${host}”不受 ali-oss 支持`,
  },
  'endpoint-host-unsupported.fix': {
    en: 'use a plain host name, for example localhost instead of [::1]',
    zh: '请使用普通主机名，例如用 localhost 代替 [::1]',
  },
  'endpoint-has-path': {
    en: ({ path }: { path: string }) => `has the path "${path}"`,
    zh: ({ path }) => `包含路径“${path}”`,
  },
  'endpoint-has-path.fix': {
    en: 'remove the path; ALIYUN_OSS_BUCKET names the bucket',
    zh: '请删除路径；Bucket 由 ALIYUN_OSS_BUCKET 指定',
  },
  'endpoint-plain-http': {
    en: ({ host }: { host: string }) =>
      `plain http to ${host} would expose images and signatures to the network`,
    zh: ({ host }) => `通过 http 明文访问 ${host} 会在网络上暴露图片与签名`,
  },
  'endpoint-plain-http.fix': {
    en: 'use https://, or set ALIYUN_OSS_ALLOW_HTTP=true if you trust the network',
    zh: '请使用 https://；若网络可信，可设置 ALIYUN_OSS_ALLOW_HTTP=true',
  },

  'virtual-with-ip': {
    en: ({ host }: { host: string }) =>
      `"virtual" puts the bucket before the host, which is not possible for the IP address ${host}`,
    zh: ({ host }) => `virtual 会把 Bucket 放在主机名之前，IP 地址 ${host} 不支持`,
  },
  'virtual-with-ip.fix': {
    en: 'set it to path, or use a host name in ALIYUN_OSS_ENDPOINT (localhost for this machine)',
    zh: '请设为 path，或在 ALIYUN_OSS_ENDPOINT 中使用主机名（本机为 localhost）',
  },
  'virtual-with-bucket': {
    en: ({ host }: { host: string }) =>
      `"virtual" puts the bucket before the host, but ${host} already begins with it`,
    zh: ({ host }) => `virtual 会把 Bucket 放在主机名之前，但 ${host} 已以它开头`,
  },
  'virtual-with-bucket.fix': {
    en: ({ bucket }: { bucket: string }) =>
      `remove "${bucket}." from ALIYUN_OSS_ENDPOINT, or set cname if this is the bucket's own domain`,
    zh: ({ bucket }) => `请从 ALIYUN_OSS_ENDPOINT 中去掉“${bucket}.”；若这是 Bucket 绑定的域名，请设为 cname`,
  },
  'path-on-aliyun': {
    en: ({ host }: { host: string }) => `OSS does not support path style at ${host}`,
    zh: ({ host }) => `OSS 在 ${host} 不支持 path 方式`,
  },
  'path-on-aliyun.fix': { en: 'set it to virtual', zh: '请设为 virtual' },
  'cname-on-shared-host': {
    en: ({ host }: { host: string }) =>
      `"cname" needs the bucket's own domain, but ${host} serves every bucket`,
    zh: ({ host }) => `cname 需要 Bucket 绑定的域名，而 ${host} 服务于所有 Bucket`,
  },
  'cname-on-shared-host.fix': {
    en: 'set it to virtual, or set ALIYUN_OSS_ENDPOINT to the domain bound to the bucket',
    zh: '请设为 virtual，或将 ALIYUN_OSS_ENDPOINT 设为 Bucket 绑定的域名',
  },
  'region-differs': {
    en: ({ region, host }: { region: string; host: string }) =>
      `ALIYUN_OSS_REGION is ${region}, but ALIYUN_OSS_ENDPOINT belongs to ${host}: OSS may reject signatures.`,
    zh: ({ region, host }) =>
      `ALIYUN_OSS_REGION 为 ${region}，但 ALIYUN_OSS_ENDPOINT 属于 ${host}：OSS 可能拒绝签名。`,
  },

  'file-domain.fix': {
    en: 'set the address where browsers get the objects: a domain bound to the bucket, or a CDN',
    zh: '请填写浏览器访问对象的地址：Bucket 绑定的域名或 CDN',
  },
  'file-domain-malformed.fix': {
    en: 'set the host and, if needed, a path, for example https://img.example.com',
    zh: '请填写域名，必要时加路径，例如 https://img.example.com',
  },
  'file-domain-forces-download': {
    en: ({ host }: { host: string }) =>
      `ALIYUN_OSS_FILE_DOMAIN is ${host}: from its own domains, OSS makes browsers download images instead of showing them. Bind your own domain to the bucket or use a CDN.`,
    zh: ({ host }) =>
      `ALIYUN_OSS_FILE_DOMAIN 为 ${host}：OSS 默认域名会让浏览器下载图片而非显示。请为 Bucket 绑定自有域名或使用 CDN。`,
  },

  'prefix-characters': {
    en: ({ prefix }: { prefix: string }) =>
      `"${prefix}" has characters other than a-z, 0-9, "/", "_", "." and "-"`,
    zh: ({ prefix }) => `“${prefix}”包含 a-z、0-9、“/”、“_”、“.”、“-”以外的字符`,
  },
  'prefix-private': {
    en: ({ prefix }: { prefix: string }) => `"${prefix}" begins with "private/", as only private keys do`,
    zh: ({ prefix }) => `“${prefix}”以“private/”开头，该前缀只用于私有对象`,
  },
  'prefix-leading-slash': {
    en: ({ prefix }: { prefix: string }) => `"${prefix}" begins with "/", which OSS does not allow`,
    zh: ({ prefix }) => `“${prefix}”以“/”开头，OSS 不允许`,
  },
  'prefix-empty-segment': {
    en: ({ prefix }: { prefix: string }) => `"${prefix}" contains "//"`,
    zh: ({ prefix }) => `“${prefix}”包含“//”`,
  },
  'prefix-dot-segment': {
    en: ({ prefix }: { prefix: string }) => `"${prefix}" has a "." or ".." segment`,
    zh: ({ prefix }) => `“${prefix}”包含“.”或“..”段`,
  },
  'prefix-too-long': {
    en: ({ max }: { max: number }) => `is longer than ${max} characters`,
    zh: ({ max }) => `超过 ${max} 个字符`,
  },
  'prefix.fix': { en: 'for example images/ or team-a/images/', zh: '例如 images/ 或 team-a/images/' },

  'bucket.fix': {
    en: 'set the name of the bucket, for example my-images',
    zh: '请填写 Bucket 名称，例如 my-images',
  },
  'bucket-invalid': {
    en: ({ bucket }: { bucket: string }) => `"${bucket}" is not a bucket name`,
    zh: ({ bucket }) => `“${bucket}”不是有效的 Bucket 名称`,
  },
  'bucket-invalid.fix': {
    en: 'use 3 to 63 of a-z, 0-9 and "-", without "-" at either end; the name alone, without oss:// or a host',
    zh: '3 至 63 个小写字母、数字或短横线，首尾不能是短横线；只填名称，不含 oss:// 或域名',
  },
  'private-bucket-missing': {
    en: ({ profile }: { profile: string }) =>
      `is not set, but profile "${profile}" has \`visibility: private\``,
    zh: ({ profile }) => `未设置，但处理方案“${profile}”的 visibility 为 private`,
  },
  'private-bucket-same': {
    en: 'is ALIYUN_OSS_BUCKET, whose objects are public',
    zh: '与 ALIYUN_OSS_BUCKET 相同，而其中的对象是公开的',
  },
  'private-bucket.fix': {
    en: 'set the name of another bucket with the ACL private, in the same region and with the same permissions for the key',
    zh: '请填写另一个读写权限为“私有”的 Bucket，地域相同，AccessKey 权限相同',
  },
  'private-file-domain.fix': {
    en: 'with ALIYUN_OSS_ADDRESSING=cname, set the domain that is bound to the private bucket',
    zh: 'ALIYUN_OSS_ADDRESSING 为 cname 时，请填写私有 Bucket 绑定的域名',
  },
  'cdn-auth-domain.fix': {
    en: 'with CDN_AUTH_KEY, set the address of the CDN domain that reads the private bucket, for example https://private.example.com',
    zh: '设置了 CDN_AUTH_KEY 时，请填写回源到私有 Bucket 的 CDN 域名，例如 https://private.example.com',
  },
  'staging-url-malformed': {
    en: 'is not an oss:// address, or contains white space, a user name, a query or a "#"',
    zh: '不是 oss:// 地址，或包含空白字符、用户名、查询参数或“#”',
  },
  'staging-url.fix': {
    en: 'set oss://BUCKET or oss://BUCKET/PREFIX, where BUCKET is the name alone (3 to 63 of a-z, 0-9 and "-"); the endpoint is that of ALIYUN_OSS_ENDPOINT',
    zh: '请写成 oss://BUCKET 或 oss://BUCKET/PREFIX，其中 BUCKET 只写名称（3 至 63 个小写字母、数字或短横线）；访问地址沿用 ALIYUN_OSS_ENDPOINT',
  },
  'staging-bucket-published': {
    en: ({ setting }: { setting: string }) => `names the bucket of ${setting}, from which clients get images`,
    zh: ({ setting }) => `与 ${setting} 是同一个 Bucket，而客户端会从中读取图片`,
  },
  'staging-bucket-published.fix': {
    en: 'set the name of another bucket with the ACL private and without versioning, in the same region',
    zh: '请填写另一个 Bucket：同一地域，读写权限为“私有”，不开启版本控制',
  },
  'staging-with-cname': {
    en: 'cannot be reached with ALIYUN_OSS_ADDRESSING=cname: the domain in ALIYUN_OSS_ENDPOINT serves one bucket alone',
    zh: '在 ALIYUN_OSS_ADDRESSING=cname 时无法访问：ALIYUN_OSS_ENDPOINT 中的域名只对应一个 Bucket',
  },
  'staging-with-cname.fix': {
    en: 'set ALIYUN_OSS_ADDRESSING to virtual and ALIYUN_OSS_ENDPOINT to the endpoint of the region, for example oss-cn-hangzhou.aliyuncs.com; ALIYUN_OSS_FILE_DOMAIN can stay as it is',
    zh: '请将 ALIYUN_OSS_ADDRESSING 设为 virtual，将 ALIYUN_OSS_ENDPOINT 设为该地域的访问地址，例如 oss-cn-hangzhou.aliyuncs.com；ALIYUN_OSS_FILE_DOMAIN 无需修改',
  },
  'staging-bucket-missing.fix': {
    en: 'create this private bucket without versions, or correct STAGING_URL and ALIYUN_OSS_ENDPOINT',
    zh: '请创建该私有 Bucket（不开启版本控制），或更正 STAGING_URL 与 ALIYUN_OSS_ENDPOINT',
  },
  'staging-bucket-unusable': {
    en: ({ place, code }: { place: string; code: string }) => `${place} cannot be used: ${code}`,
    zh: ({ place, code }) => `${place} 无法使用：${code}`,
  },
  'folder-staging-too': {
    en: ({ place }: FolderStaging) =>
      `${place} has a staging of its own, while STAGING_URL names a bucket: services would remove files from it`,
    zh: ({ place }) => `STAGING_URL 指定了 Bucket，而 ${place} 中另有暂存区：服务会删除其中的文件`,
  },
  'folder-staging-too.fix': {
    en: ({ folder }: FolderStaging) =>
      `if it was moved with \`pixdock-ops move-staging --to bucket\`, move the folder away: mv ${folder} ${folder}.before. Otherwise move it first, or set DATA_DIR to another folder`,
    zh: ({ folder }) =>
      `若已用 \`pixdock-ops move-staging --to bucket\` 迁移，请移走该目录：mv ${folder} ${folder}.before；否则请先迁移，或将 DATA_DIR 设为其他目录`,
  },
  'region.fix': {
    en: "set the bucket's region, for example cn-hangzhou",
    zh: '请填写 Bucket 所在地域，例如 cn-hangzhou',
  },
  'region-invalid': {
    en: ({ region }: { region: string }) => `"${region}" is not a region`,
    zh: ({ region }) => `“${region}”不是有效的地域`,
  },
  'region-invalid.fix': {
    en: 'set the id alone, for example cn-hangzhou or oss-cn-hangzhou',
    zh: '只填写地域 ID，例如 cn-hangzhou 或 oss-cn-hangzhou',
  },
  'key.fix': {
    en: 'use a key of a RAM user that has only oss:PutObject, oss:GetObject and oss:DeleteObject on this bucket; on ECS, set ALIBABA_CLOUD_ECS_METADATA to the RAM role of the instance instead',
    zh: '请使用仅有该 Bucket 的 oss:PutObject、oss:GetObject、oss:DeleteObject 权限的 RAM 用户的 AccessKey；在 ECS 上也可改为将 ALIBABA_CLOUD_ECS_METADATA 设为实例的 RAM 角色名',
  },
  'oidc.fix': {
    en: ({ names }: { names: readonly string[] }) =>
      `set all of ${names.join(', ')}; on ACK, the pod identity webhook sets them`,
    zh: ({ names }) => `请同时设置 ${names.join('、')}；在 ACK 中由 ack-pod-identity-webhook 设置`,
  },
  'credentials-uri.fix': {
    en: 'set the http(s) address that replies with a key pair',
    zh: '请填写返回密钥对的 http(s) 地址',
  },
  'secret-malformed': {
    en: 'contains a space or a non-ASCII character',
    zh: '包含空格或非 ASCII 字符',
  },
  'secret-malformed.fix': { en: 'copy it again, without quotation marks', zh: '请重新复制，不要带引号' },
});

/** A folder staging beside a bucket. */
interface FolderStaging {
  /** Host and DATA_DIR. */
  place: string;
  folder: string;
}

/** Says a sentence about a setting. */
export const say = sayIn(messages);
export const text = textIn(messages);
