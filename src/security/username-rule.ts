import { characters, textLimits } from './text-limits';

/** Characters of a user name (section "Notes" of the identity contract). */
const LENGTH = { min: 4, max: textLimits.username };
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/u;

export interface UsernameProblem {
  message: string;
  /** The least length, where the name is shorter. */
  min?: number;
}

/** What is wrong with a user name, or null. */
export function findUsernameProblem(name: string): UsernameProblem | null {
  const { min, max } = LENGTH;
  const length = characters(name);
  if (length > max) return { message: `Username must be at most ${max} characters` };
  if (!name.isWellFormed() || name !== name.trim() || INVISIBLE.test(name))
    return { message: 'Username must not begin or end with a space, nor hold control characters' };
  return length < min ? { message: `Username must be at least ${min} characters`, min } : null;
}
