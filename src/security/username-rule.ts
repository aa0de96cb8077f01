import { describeProblem, type ProblemRule } from '../errors/problems';
import { characters, textLimits } from './text-limits';

/** Characters of a user name (section "Notes" of the identity contract). */
const LENGTH = { min: 4, max: textLimits.username };
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/u;

interface UsernameProblem {
  rule: ProblemRule;
  params?: { min: number } | { max: number };
  /** In English. */
  message: string;
}

/** What is wrong with a user name, or null. */
export function findUsernameProblem(name: string): UsernameProblem | null {
  const { min, max } = LENGTH;
  const length = characters(name);
  if (length > max) return problemOf('USERNAME_TOO_LONG', { max });
  if (!name.isWellFormed() || name !== name.trim() || INVISIBLE.test(name)) return problemOf('USERNAME_NOT_PLAIN');
  return length < min ? problemOf('USERNAME_TOO_SHORT', { min }) : null;
}

const problemOf = (rule: ProblemRule, params?: UsernameProblem['params']): UsernameProblem => ({
  rule,
  params,
  message: describeProblem('username', rule, params).message,
});
