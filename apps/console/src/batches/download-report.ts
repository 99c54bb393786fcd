import { language } from '../state/preferences.js';
import { currentClient } from '../state/session.js';

/** Saves the report of a batch: the file that was imported, with the result of each row. */
export async function downloadReport(id: string): Promise<void> {
  const report = await currentClient().batches.report(id, 'csv', { language: language.value });
  const blob = await new Response(report, { headers: { 'Content-Type': 'text/csv' } }).blob();
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = `${id}.csv`;
  link.click();
  URL.revokeObjectURL(url);
}
