import type { Member } from './account';

/** One record of a file, not yet validated, or why it cannot be read. */
export interface FileRecord {
  /** Where it begins, from 1. */
  line: number;
  values: Partial<Record<Member, unknown>>;
  problem?: string;
}

/** Gets each name of an unknown column or member. */
export type IgnoredName = (name: string) => void;
