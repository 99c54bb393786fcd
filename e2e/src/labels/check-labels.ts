import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bench, openBench, profile } from '../../../apps/worker/src/image/testing/bench.js';
import {
  type Labelled,
  labelledSources,
  PRIVATE,
  unlabelledSources,
} from '../../../apps/worker/src/image/testing/labelled.js';
import { containsPayload } from '../../../apps/worker/src/image/testing/payload.js';
import { differences, type Expected } from './differences.js';
import { readWithExiftool } from './exiftool.js';

export interface LabelsResult {
  labelled: number;
  unlabelled: number;
  outputs: number;
  findings: string[];
}

/** Every output format, and a thumbnail. */
const EVERY = profile({
  variants: {
    main: { format: 'jpeg' },
    png: { format: 'png' },
    webp: { format: 'webp' },
    avif: { format: 'avif', effort: 0 },
    thumb: { format: 'webp', width: 8, animated: 'first' },
  },
});
type Source = Pick<Labelled, 'name' | 'make'> & Expected;

/** Sends every labelled and unlabelled source through the decoder and reads all outputs with exiftool. */
export async function checkLabels(): Promise<LabelsResult> {
  const folder = await mkdtemp(join(tmpdir(), 'pixdock-labels-'));
  const bench = await openBench({ lanes: 2 });
  try {
    const labelled: Source[] = labelledSources();
    const none = { aigc: null, digitalSourceType: null };
    const unlabelled: Source[] = unlabelledSources().map((source) => ({ ...source, ...none }));
    const findings: string[] = [];
    const written = new Map<string, Source>();
    for (const [i, source] of [...labelled, ...unlabelled].entries())
      for (const [file, bytes] of await renderInto(bench, source, folder, i, findings)) {
        written.set(file, source);
        if (containsPayload(bytes, PRIVATE)) findings.push(`${source.name}: ${file} has private text`);
      }
    const read = await readWithExiftool(folder);
    for (const [file, source] of written)
      for (const difference of differences(read.get(file) ?? {}, source))
        findings.push(`${source.name}: ${file} ${difference}`);
    return {
      labelled: labelled.length,
      unlabelled: unlabelled.length,
      outputs: written.size,
      findings,
    };
  } finally {
    await bench.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Renders a source and writes its outputs to the folder. */
async function renderInto(
  bench: Bench,
  { name, make, aigc, digitalSourceType }: Source,
  folder: string,
  number: number,
  findings: string[],
): Promise<[file: string, bytes: Buffer][]> {
  const { files, variants, receipt } = await bench.rendered(await make(), { profile: EVERY });
  const isLabelled = aigc !== null || digitalSourceType !== null;
  if ((receipt.aiLabel?.written ?? false) !== isLabelled)
    findings.push(`${name}: the receipt says ${JSON.stringify(receipt.aiLabel)}`);
  const outputs = Object.entries(files).map(([variant, bytes]): [string, Buffer] => [
    `${number}-${variants[variant]?.file ?? variant}`,
    bytes,
  ]);
  for (const [file, bytes] of outputs) await writeFile(join(folder, file), bytes);
  return outputs;
}
