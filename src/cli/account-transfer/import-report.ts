import type { RowOutcome } from './import-batch';
import { withoutHashes } from './transfer-error';

export interface ImportCounts {
  /** Accounts in the file, good and bad. */
  rows: number;
  created: number;
  updated: number;
  unchanged: number;
  /** Left as they are here although the file says something else. */
  differing: number;
  bad: number;
  rolesCreated: number;
  /** Accounts that have a password of their own here, which the file's did not replace. */
  passwordsKept: number;
}

/** A row that was not brought in as the file has it. */
export interface Finding {
  line: number;
  kind: 'bad' | 'differs';
  reason: string;
}

const kept = (members: readonly string[]): string =>
  `another account of this name is here, with another ${members.join(', ')}; it stays as it is`;
const KEPT_ID = 'the account was updated, but keeps the id that it has here';

/** Counts what becomes of the rows, and tells what somebody has to look at. */
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

  /** @param tell gets each finding once, in the order of the lines within a batch */
  constructor(private readonly tell: (finding: Finding) => void) {}

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

  /** Tells what has been found since it was last called. */
  flush(): void {
    for (const finding of this.findings.splice(0).sort((a, b) => a.line - b.line)) this.tell(finding);
  }

  private find(finding: Finding): void {
    this.findings.push({ ...finding, reason: withoutHashes(finding.reason) });
  }
}
