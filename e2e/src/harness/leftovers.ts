import { stagingOf } from '@pixdock/object-store/staging';
import { readStagingSettings } from '@pixdock/object-store/staging-settings';
import { readSettings } from '@pixdock/shared/runtime/env';
import type { Staging } from '@pixdock/shared/state/staging';
import type { Stack } from './stack.js';

const opened = new WeakMap<Stack['env'], Promise<Staging>>();

/** The staging of a stack, in its folder or its bucket. */
export function openStackStaging({ env }: Pick<Stack, 'env'>): Promise<Staging> {
  const staging = opened.get(env) ?? stagingOf(readSettings(env, (read) => readStagingSettings(read))).open();
  opened.set(env, staging);
  // The disk may be read-only for a while.
  staging.catch(() => opened.delete(env));
  return staging;
}

/** Ids of images and of uploads in progress that have files in staging. */
export async function staged(stack: Stack): Promise<string[]> {
  return [...(await liveIds(stack)), ...(await incomingIds(stack))];
}

/** Ids of images that have a source or an output in staging. */
export async function liveIds(stack: Stack): Promise<string[]> {
  return (await Array.fromAsync((await openStackStaging(stack)).live())).toSorted();
}

/** Ids of uploads in progress. */
export async function incomingIds(stack: Stack): Promise<string[]> {
  const arrivals = await Array.fromAsync((await openStackStaging(stack)).arrivals());
  return arrivals.map(({ name }) => name);
}
