/** The values of metrics in the text format of Prometheus. */
export interface Metrics {
  /** The value of a series; null if it does not exist now. */
  one(name: string, labels?: Readonly<Record<string, string>>): number | null;
  sum(name: string, labels?: Readonly<Record<string, string>>): number;
  /** The values that a label has. */
  values(name: string, label: string): string[];
}

const LINE = /^(\w+)(?:\{(.*)\})? (\S+)$/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

export function readMetrics(text: string): Metrics {
  const series = text.split('\n').flatMap((line) => {
    const [, name = '', labelText = '', value = ''] = LINE.exec(line) ?? [];
    if (name === '') return [];
    const labels = Object.fromEntries(
      [...labelText.matchAll(LABEL)].map(([, key, content]) => [key, content]),
    );
    return [{ name, labels: labels as Record<string, string>, value: Number(value) }];
  });
  const matching = (name: string, labels: Readonly<Record<string, string>> = {}) =>
    series.filter(
      (one) => one.name === name && Object.entries(labels).every(([key, value]) => one.labels[key] === value),
    );
  return {
    one: (name, labels) => matching(name, labels)[0]?.value ?? null,
    sum: (name, labels) => matching(name, labels).reduce((total, { value }) => total + value, 0),
    values: (name, label) => [...new Set(matching(name).flatMap(({ labels }) => labels[label] ?? []))],
  };
}
