import { catalog, textIn } from '@pixdock/contract/messages/catalog';
import type { Text } from '@pixdock/contract/messages/text';

interface Redis {
  /** Host and port of each node. */
  hosts: string;
  /** The words of Redis. */
  reason: string;
}

/** Faults of the environment that end a start, each with a `.fix`. */
const messages = catalog({
  'node-too-old': {
    en: ({ oldest, version }: { oldest: number; version: string }) =>
      `Pixdock needs Node ${oldest} or newer; this is Node ${version}. Run it with a newer one; \`npm start\` installs one as node_modules/.bin/node.`,
    zh: ({ oldest, version }) =>
      `Pixdock 需要 Node ${oldest} 或更新版本，当前为 Node ${version}。请改用较新的 Node 运行；\`npm start\` 会把一份安装为 node_modules/.bin/node。`,
  },
  'data-dir-unusable': {
    en: ({ reason }: { reason: Text }) => `cannot be used: ${reason.en}`,
    zh: ({ reason }) => `无法使用：${reason.zh}`,
  },
  'other-staging': {
    en: ({ own, other }: { own: string; other: string }) =>
      `${own} is not the staging that this Redis belongs to, which is ${other}`,
    zh: ({ own, other }) => `${own} 不是此 Redis 所属的暂存区；所属的是 ${other}`,
  },
  'other-staging.log': {
    en: 'Redis belongs to another staging',
    zh: 'Redis 属于另一个暂存区',
  },
  'other-staging.fix': {
    en: 'mount that folder here or set STAGING_URL to that bucket, or set REDIS_URL or REDIS_PREFIX to those of this staging; to continue with this staging, run pixdock-ops adopt',
    zh: '请在此挂载该目录，或把 STAGING_URL 设为该 Bucket，或把 REDIS_URL、REDIS_PREFIX 改为本暂存区对应的值；若要改用本暂存区，请运行 pixdock-ops adopt',
  },
  'port-taken': {
    en: ({ port }: { port: number }) => `port ${port} is taken by another program`,
    zh: ({ port }) => `端口 ${port} 已被其他程序占用`,
  },
  'port-taken.fix': {
    en: 'stop that program, or set another port; 0 takes any free one',
    zh: '请停止该程序，或改用其他端口；0 表示任意空闲端口',
  },
  'port-privileged': {
    en: ({ port }: { port: number }) => `this user may not listen on port ${port}`,
    zh: ({ port }) => `当前用户无权监听端口 ${port}`,
  },
  'port-privileged.fix': {
    en: 'set a port above 1023, and let nginx or a load balancer listen on the lower one',
    zh: '请使用 1023 以上的端口，由 nginx 或负载均衡监听较小的端口',
  },
  'not-own-address': {
    en: ({ host, code }: { host: string; code: string }) =>
      `"${host}" is not an address of this machine (${code})`,
    zh: ({ host, code }) => `“${host}”不是本机的地址（${code}）`,
  },
  'not-own-address.fix': {
    en: 'write 127.0.0.1 for this machine alone, or 0.0.0.0 for all its addresses',
    zh: '仅供本机访问请写 127.0.0.1；监听本机全部地址请写 0.0.0.0',
  },
  'redis-asks': {
    en: ({ hosts, reason }: Redis) => `Redis at ${hosts} requires a password (${reason})`,
    zh: ({ hosts, reason }) => `${hosts} 处的 Redis 需要密码（${reason}）`,
  },
  'redis-asks.fix': {
    en: 'write it in REDIS_URL: redis://:PASSWORD@host:port; in a password, write @ as %40, / as %2F, # as %23 and % as %25',
    zh: '请写在 REDIS_URL 中：redis://:密码@主机:端口；密码中的 @ 写作 %40，/ 写作 %2F，# 写作 %23，% 写作 %25',
  },
  'redis-refuses': {
    en: ({ hosts, reason }: Redis) => `Redis at ${hosts} refuses the user and the password (${reason})`,
    zh: ({ hosts, reason }) => `${hosts} 的 Redis 拒绝了用户名和密码（${reason}）`,
  },
  'redis-refuses.fix': {
    en: 'correct the user and the password in REDIS_URL; in a password, write @ as %40, / as %2F, # as %23 and % as %25',
    zh: '请更正 REDIS_URL 中的用户名与密码；密码中的 @ 写作 %40，/ 写作 %2F，# 写作 %23，% 写作 %25',
  },
  'redis-denies': {
    en: ({ hosts, reason }: Redis) => `the user of REDIS_URL may not do this at ${hosts}: ${reason}`,
    zh: ({ hosts, reason }) => `REDIS_URL 中的用户在 ${hosts} 上无权执行：${reason}`,
  },
  'redis-denies.fix': {
    en: 'give the user all commands on the keys of REDIS_PREFIX: ACL SETUSER NAME ~{pixdock}* &* +@all -@dangerous +info',
    zh: '请授予该用户对 REDIS_PREFIX 下所有键的权限：ACL SETUSER 用户名 ~{pixdock}* &* +@all -@dangerous +info',
  },
  'redis-unreachable.fix': {
    en: 'start Redis, or correct host and port in REDIS_URL',
    zh: '请启动 Redis，或更正 REDIS_URL 中的主机与端口',
  },
  'redis-tls-unreachable.fix': {
    en: 'start Redis, or correct host and port in REDIS_URL; write redis:// for a Redis without TLS',
    zh: '请启动 Redis，或更正 REDIS_URL 中的主机与端口；未启用 TLS 的 Redis 请写 redis://',
  },
  'not-redis': {
    en: ({ hosts, reason }: Redis) => `${hosts} does not speak the protocol of Redis (${reason})`,
    zh: ({ hosts, reason }) => `${hosts} 的响应不是 Redis 协议（${reason}）`,
  },
  'not-redis.fix': {
    en: 'check host and port; write rediss:// for a Redis with TLS, redis:// for one without',
    zh: '请检查主机与端口；启用了 TLS 的 Redis 请写 rediss://，未启用的写 redis://',
  },
  'redis-too-old': {
    en: ({ version }: { version: string }) => `is version ${version}, which the queue cannot work with`,
    zh: ({ version }) => `Redis 版本为 ${version}，队列无法使用`,
  },
  'redis-too-old.fix': { en: 'use Redis 6.2 or newer', zh: '请使用 Redis 6.2 或更新版本' },
  'redis-evicts': {
    en: ({ policy }: { policy: string }) =>
      `has maxmemory-policy ${policy}: it would delete jobs when its memory is full`,
    zh: ({ policy }) => `maxmemory-policy 为 ${policy}：内存用满时会删除任务`,
  },
  'heic-decoder-missing': {
    en: ({ command, reason }: { command: string; reason: string }) =>
      `${command} cannot be started: ${reason}`,
    zh: ({ command, reason }) => `无法启动 ${command}：${reason}`,
  },
  'heic-decoder-fails': {
    en: ({ command, reason }: { command: string; reason: string }) =>
      `${command} did not decode a sample: ${reason}`,
    zh: ({ command, reason }) => `${command} 未能解码示例图片：${reason}`,
  },
  'heic-decoder.fix': {
    en: 'run `apt-get install libheif-examples` and set HEIC_DECODER=/usr/bin/heif-dec (Debian 13 or newer), or set HEIC_DECODER=wasm in a checkout that all users can read, not in /root; both need setpriv and prlimit of util-linux',
    zh: '请执行 `apt-get install libheif-examples`，并设置 HEIC_DECODER=/usr/bin/heif-dec（Debian 13 或更新版本）；在所有用户可读的源码目录（不在 /root 下）中运行时，也可设置 HEIC_DECODER=wasm。两者都需要 util-linux 的 setpriv 和 prlimit',
  },
  'redis-evicts.fix': {
    en: 'set maxmemory-policy noeviction (CONFIG SET and redis.conf; of a managed Redis, its parameter settings)',
    zh: '请将 maxmemory-policy 设为 noeviction（CONFIG SET 与 redis.conf；云数据库在参数设置中修改）',
  },
});

export const text = textIn(messages);
