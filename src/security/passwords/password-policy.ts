import type { ProblemRule } from '../../errors/problems';
import { characters, textLimits } from '../text-limits';
import type { PasswordHasher } from './password-hasher';

/**
 * Guesses that a password has to withstand, as a decimal logarithm: zxcvbn's highest score. At fewer,
 * `thisismypassword` would do.
 */
const REQUIRED_GUESSES = 10;
const SHORTEST_WORD = 4;

export interface PasswordRules {
  /** Characters. */
  minLength: number;
  /** Whether passwords that are easily guessed are refused (NIST SP 800-63B-4 section 3.1.1.2). */
  refusesGuessable: boolean;
  /** Words of this service, which a guesser tries too. */
  serviceWords: readonly string[];
}

export interface PasswordProblem {
  rule: ProblemRule;
  params?: { min: number } | { max: number };
}

/** Decides whether a new password is acceptable. */
export class PasswordPolicy {
  constructor(
    private readonly hasher: Pick<PasswordHasher, 'estimateGuesses'>,
    private readonly rules: PasswordRules,
  ) {}

  /** @param context what is known of the account, such as its name and address */
  async findProblem(
    password: string,
    context: readonly (string | null | undefined)[],
  ): Promise<PasswordProblem | null> {
    const { minLength: min, refusesGuessable } = this.rules;
    const max = textLimits.password;
    const length = characters(password);
    if (length > max) return { rule: 'PASSWORD_TOO_LONG', params: { max } };
    if (!password.isWellFormed()) return { rule: 'PASSWORD_NOT_UNICODE' };
    if (length < min) return { rule: 'PASSWORD_TOO_SHORT', params: { min } };
    if (refusesGuessable && (await this.isGuessable(password, context))) return { rule: 'PASSWORD_TOO_COMMON' };
    return null;
  }

  private async isGuessable(password: string, context: readonly (string | null | undefined)[]): Promise<boolean> {
    const known = [...context, ...this.rules.serviceWords].filter((word) => typeof word === 'string');
    const words = known
      .filter((word) => characters(word) <= textLimits.name)
      .flatMap((word) => [word, ...word.split(/[@.\s]+/)])
      .filter((word) => word.length >= SHORTEST_WORD);
    return (await this.hasher.estimateGuesses(password, [...new Set(words)])) < REQUIRED_GUESSES;
  }
}
