export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

/** The samples in a response of `/metrics`. */
export function samplesIn(response: string): Sample[] {
  return response
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name = '', labels = '', value = ''] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)];
      return {
        name,
        labels: Object.fromEntries(pairs.map(([, key, text]) => [key, text])),
        value: Number(value),
      };
    });
}

/** The sum of the samples of a metric with these labels; null without one. */
export function valueOf(
  samples: readonly Sample[],
  name: string,
  labels: Sample['labels'] = {},
): number | null {
  const found = samples.filter(
    (sample) =>
      sample.name === name && Object.entries(labels).every(([key, text]) => sample.labels[key] === text),
  );
  return found.length === 0 ? null : found.reduce((sum, { value }) => sum + value, 0);
}
