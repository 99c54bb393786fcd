import type { ErrorCode, Image } from '@pixdock/client';

/** Failed images with the same error code. */
export interface FailureGroup {
  code: ErrorCode;
  title: string;
  retryable: boolean;
  images: Image[];
  /** Hosts of the sources by frequency. */
  hosts: { host: string; count: number }[];
}

/** The largest group first. */
export function groupFailures(images: readonly Image[]): FailureGroup[] {
  const groups = new Map<ErrorCode, FailureGroup>();
  for (const image of images) {
    if (image.error === null) continue;
    const { code, title, retryable } = image.error;
    const group = groups.get(code) ?? { code, title, retryable, images: [], hosts: [] };
    group.images.push(image);
    groups.set(code, group);
  }
  const all = [...groups.values()].map((group) => ({ ...group, hosts: hostsOf(group.images) }));
  return all.toSorted((a, b) => b.images.length - a.images.length);
}

function hostsOf(images: readonly Image[]): FailureGroup['hosts'] {
  const counts = new Map<string, number>();
  for (const { source } of images) {
    if (source.url === null || !URL.canParse(source.url)) continue;
    const { host } = new URL(source.url);
    counts.set(host, (counts.get(host) ?? 0) + 1);
  }
  return [...counts].map(([host, count]) => ({ host, count })).toSorted((a, b) => b.count - a.count);
}
