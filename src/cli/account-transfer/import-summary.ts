import type { ImportCounts } from './import-report';
import { count, counted } from './progress';

export interface RunFacts {
  file: string;
  dryRun: boolean;
  stopped: boolean;
  /** Names of unknown columns or members. */
  ignored: readonly string[];
  elapsedMs: number;
}

/** The outcome of a run in sentences. */
export function importSummary(counts: ImportCounts, { file, dryRun, stopped, ignored, elapsedMs }: RunFacts): string {
  const { rows, created, updated, unchanged, differing, bad, rolesCreated, passwordsKept } = counts;
  const would = dryRun ? 'would be ' : '';
  const lines = [
    `${dryRun ? 'Dry run, nothing was written. ' : ''}${file}: ${counted(rows, 'row')} in ` +
      `${(elapsedMs / 1000).toFixed(1)} s`,
    `  ${count(created)} ${would}created`,
    `  ${count(updated)} ${would}updated`,
    `  ${count(unchanged)} unchanged`,
    `  ${count(differing)} here with other data, left as they ` +
      `are${differing > 0 ? ' (--on-conflict update takes the data of the file)' : ''}`,
    `  ${count(bad)} not imported`,
  ];
  if (rolesCreated > 0) lines.push(`  ${counted(rolesCreated, 'role')} ${would}created`);
  if (passwordsKept > 0) {
    lines.push(
      `  ${count(passwordsKept)} of these have logged in or changed their password here since: their passwords ` +
        'here stay',
    );
  }
  if (ignored.length > 0) lines.push(`Ignored: ${ignored.join(', ')}`);
  if (stopped) lines.push('Stopped before the end of the file. Run it again to go on.');
  else if (!dryRun && created + updated + rolesCreated === 0) lines.push('Nothing has changed.');
  return `${lines.join('\n')}\n`;
}
