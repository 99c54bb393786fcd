import { aliClient } from '@pixdock/oss-dev/testing/ali-client';
import { FAULT_TOKEN, type Stack } from './stack.js';

/** Every key in the bucket. */
export async function listKeys({ oss }: Stack): Promise<string[]> {
  const keys: string[] = [];
  let marker: string | null = null;
  do {
    const page: { objects?: { name: string }[]; nextMarker?: string | null } = await aliClient(oss).list(
      { 'max-keys': 1000, ...(marker === null ? {} : { marker }) },
      {},
    );
    keys.push(...(page.objects ?? []).map(({ name }) => name));
    marker = page.nextMarker ?? null;
  } while (marker !== null);
  return keys;
}

/** Makes the local OSS fail, as packages/oss-dev/README.md has it. */
export async function addFault(stack: Stack, rule: object): Promise<void> {
  await control(stack, 'POST', JSON.stringify(rule));
}

export async function clearFaults(stack: Stack): Promise<void> {
  await control(stack, 'DELETE', null);
}

async function control({ oss }: Stack, method: string, body: string | null): Promise<void> {
  const headers = { Authorization: `Bearer ${FAULT_TOKEN}` };
  const response = await fetch(`${oss.endpoint}/__oss-dev/faults`, { method, headers, body });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
}
