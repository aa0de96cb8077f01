import type { RowOutcome } from './import-batch';
import { withoutHashes } from './transfer-error';

export interface ImportCounts {
  /** Accounts in the file, good and bad. */
  rows: number;
  created: number;
  updated: number;
  unchanged: number;
  /** Left as they are although the file differs. */
  differing: number;
  bad: number;
  rolesCreated: number;
  /** Accounts whose password here is newer than the file's and was kept. */
  passwordsKept: number;
}

/** A row that was not imported, or not as the file has it. */
export interface Finding {
  line: number;
  kind: 'bad' | 'differs';
  reason: string;
}

const kept = (members: readonly string[]): string =>
  `another account of this name is here, with another ${members.join(', ')}; it stays as it is`;
const KEPT_ID = 'the account was updated, but keeps the id that it has here';

/** Counts the outcomes of the rows and reports those that need a decision. */
export class ImportReport {
  readonly counts: ImportCounts = {
    rows: 0,
    created: 0,
    updated: 0,
    unchanged: 0,
    differing: 0,
    bad: 0,
    rolesCreated: 0,
    passwordsKept: 0,
  };
  private readonly findings: Finding[] = [];

  /** @param report gets each finding once, in the order of the lines within a batch */
  constructor(private readonly report: (finding: Finding) => void) {}

  refuse(line: number, reason: string): void {
    this.counts.rows++;
    this.counts.bad++;
    this.find({ line, kind: 'bad', reason });
  }

  add(outcomes: readonly RowOutcome[]): void {
    for (const outcome of outcomes) {
      const { line } = outcome.row;
      if (outcome.kind === 'refused') {
        this.refuse(line, outcome.reason);
        continue;
      }
      this.counts.rows++;
      if (outcome.keptPassword) this.counts.passwordsKept++;
      if (outcome.kind === 'differs') {
        this.counts.differing++;
        this.find({ line, kind: 'differs', reason: kept(outcome.members) });
      } else {
        this.counts[outcome.kind]++;
        if (outcome.keptId) this.find({ line, kind: 'differs', reason: KEPT_ID });
      }
    }
  }

  /** Reports the findings since the last call. */
  flush(): void {
    for (const finding of this.findings.splice(0).sort((a, b) => a.line - b.line)) this.report(finding);
  }

  private find(finding: Finding): void {
    this.findings.push({ ...finding, reason: withoutHashes(finding.reason) });
  }
}
