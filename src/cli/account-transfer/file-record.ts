import type { Member } from './account';

/** What stands in one place of a file, not yet checked, or why it cannot be read. */
export interface FileRecord {
  /** Where it begins, from 1. */
  line: number;
  values: Partial<Record<Member, unknown>>;
  problem?: string;
}

/** Gets each name of a column or member that means nothing here. */
export type IgnoredName = (name: string) => void;
