import { UsageError } from '../exit.js';
import type { Shell } from '../shell.js';

/** `--columns HEADER:field,…`, if it is given. @throws UsageError */
export function columnsOf({ given, t }: Shell): Record<string, string> | undefined {
  const text = given.text('columns');
  if (text === undefined) return undefined;
  const columns = new Map<string, string>();
  for (const pair of text.split(',')) {
    // A header may have colons, a field has none.
    const at = pair.lastIndexOf(':');
    const header = pair.slice(0, Math.max(at, 0)).trim();
    const field = pair.slice(at + 1).trim();
    if (header === '' || field === '')
      throw new UsageError(
        t(
          `--columns: "${pair}" is not HEADER:field. For example: --columns "Picture:url,SKU:externalId"\nA header with a comma cannot be named: rename it in the file.`,
          `--columns：“${pair}”不是 HEADER:field 形式。例如：--columns "图片:url,SKU:externalId"\n含逗号的表头无法指定：请在文件中重命名。`,
        ),
      );
    if (columns.has(header))
      throw new UsageError(t(`--columns names "${header}" twice.`, `--columns 中“${header}”出现了两次。`));
    columns.set(header, field);
  }
  return Object.fromEntries(columns);
}
