import { catalog } from './catalog.js';
import { grouped, roughSize, shortId, size } from './values.js';

/** The bytes of staging that a request needs, those that are free, and all. */
type Space = { bytes: number; free: number; max: number };

/** What is full, by what, and what the operator does. */
export const spaceMessages = catalog({
  'staging-too-small': {
    en: ({ bytes, free, max }: Space) =>
      bytes > max
        ? `The request needs ${roughSize(bytes)} of staging, which holds ${size.en(max)} in all. Split it, or let the operator raise STAGING_MAX_BYTES.`
        : `The request needs ${roughSize(bytes)} of staging; ${roughSize(free)} of ${size.en(max)} are free. Send it again after Retry-After. If this continues, tell the operator: /readyz says what is full.`,
    zh: ({ bytes, free, max }) =>
      bytes > max
        ? `此请求需要 ${roughSize(bytes)} 暂存空间，而暂存区总共只有 ${size.zh(max)}。请拆成几个请求，或让运维调高 STAGING_MAX_BYTES。`
        : `此请求需要 ${roughSize(bytes)} 暂存空间；暂存区共 ${size.zh(max)}，剩余 ${roughSize(free)}。请在 Retry-After 之后重发；若持续出现，请告知运维：/readyz 会说明是什么满了。`,
  },
  'staging-at-limit': {
    en: ({ used, max }: { used: number; max: number }) =>
      `Staging takes ${roughSize(used)} of ${size.en(max)} (STAGING_MAX_BYTES). It empties as images are published; if the disk has space, raise STAGING_MAX_BYTES.`,
    zh: ({ used, max }) =>
      `暂存区已占用 ${roughSize(used)}，上限 ${size.zh(max)}（STAGING_MAX_BYTES）。图片发布后会腾出空间；若磁盘还有空间，也可调高 STAGING_MAX_BYTES。`,
  },
  'staging-away': {
    en: 'The bucket of STAGING_URL does not respond. Nothing that was accepted is lost. Send the request again: images are accepted as soon as OSS responds.',
    zh: 'STAGING_URL 指定的存储空间没有响应。已接收的内容不会丢失。请重新发送请求：OSS 恢复响应后即可继续接收图片。',
  },
  'disk-full-of-staging': {
    en: ({ used, max }: { used: number; max: number }) =>
      `The disk of staging is full, mostly of staging (${roughSize(used)}). It empties as images are published, but STAGING_MAX_BYTES (${size.en(max)}) is too much for this disk: lower it, or move DATA_DIR to a larger disk.`,
    zh: ({ used, max }) =>
      `暂存区所在磁盘已满，主要由暂存区占用（${roughSize(used)}）。图片发布后会腾出空间，但 STAGING_MAX_BYTES（${size.zh(max)}）超出了该磁盘的容量：请调低它，或将 DATA_DIR 移到更大的磁盘。`,
  },
  'disk-full-of-others': {
    en: ({ used, others }: { used: number; others: number }) =>
      `The disk of staging is full of other files (${roughSize(others)}); staging takes ${roughSize(used)}, so publishing frees little. Remove other files from this disk, or move DATA_DIR to a larger one.`,
    zh: ({ used, others }) =>
      `暂存区所在磁盘被其他文件占满（${roughSize(others)}）；暂存区仅占 ${roughSize(used)}，发布图片腾不出多少空间。请清理该磁盘上的其他文件，或将 DATA_DIR 移到更大的磁盘。`,
  },
  'disk-without-inodes': {
    en: ({ inodes }: { inodes: number }) =>
      `The disk of staging has space, but all its ${grouped(inodes)} inodes are used. Remove files from this disk, or move DATA_DIR to one with more inodes.`,
    zh: ({ inodes }) =>
      `暂存区所在磁盘还有空间，但全部 ${grouped(inodes)} 个 inode 已用完。请删除该磁盘上的文件，或将 DATA_DIR 移到 inode 更多的磁盘。`,
  },
  'disk-not-writable': {
    en: 'Staging cannot be written: its disk is read-only, or the user of Pixdock lacks the permission. Mount the disk writable, or grant the permission.',
    zh: '暂存区无法写入：磁盘为只读，或运行 Pixdock 的用户没有权限。请以可写方式挂载磁盘，或授予权限。',
  },
  'redis-memory-full': {
    en: ({ used, max }: { used: number; max: number }) =>
      `The memory of Redis is full: ${roughSize(used)} of ${size.en(max)} (maxmemory). Staging is not the cause. Raise maxmemory, or remove other data from this Redis.`,
    zh: ({ used, max }) =>
      `Redis 内存已满：已用 ${roughSize(used)}，上限 ${size.zh(max)}（maxmemory），与暂存区无关。请调高 maxmemory，或清理该 Redis 中的其他数据。`,
  },
  'redis-disk-full': {
    en: 'Redis cannot write its append-only file, so it accepts nothing. Free space on the disk of Redis; its log names the error.',
    zh: 'Redis 无法写入 AOF 文件，因此拒绝写入。请清理 Redis 所在磁盘；具体错误见 Redis 日志。',
  },
  'other-staging': {
    en: ({ own, other }: { own: string; other: string }) =>
      `This server sees another staging (${shortId(own)}) than the one that Redis belongs to (${shortId(other)}). Restarted, it names both: mount the right DATA_DIR or set the right STAGING_URL, or adopt this one with \`pixdock-ops adopt\`.`,
    zh: ({ own, other }) =>
      `本服务看到的暂存区（${shortId(own)}）不是 Redis 所属的暂存区（${shortId(other)}），重启时会指出两者。请挂载正确的 DATA_DIR 或设置正确的 STAGING_URL，或用 \`pixdock-ops adopt\` 改用当前暂存区。`,
  },
  'redis-read-only': {
    en: 'This Redis is a replica, which accepts no writes. A failover ends this by itself; otherwise set REDIS_URL to the master.',
    zh: '当前 Redis 是只读副本，不接受写入。若正在主从切换，完成后会自动恢复；否则请将 REDIS_URL 改为主节点。',
  },
});
