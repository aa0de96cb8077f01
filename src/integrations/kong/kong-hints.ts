import type { Config } from '../../config/config';

/** Sentences about settings that let Kong work, but not as an operator expects. */
export function kongHints({ production, http, kong }: Pick<Config, 'production' | 'http' | 'kong'>): string[] {
  if (!kong.adminUrl) return [];
  const hints: string[] = [];
  if (http.trustProxy === false)
    hints.push(
      'TRUST_PROXY is off: behind Kong all clients have the address of Kong, and share one limit. Set ' +
        'TRUST_PROXY=1 on the server.',
    );
  if (production && !kong.sharedSecret)
    hints.push('KONG_SHARED_SECRET is not set: in production /api/jwt answers 401 without it.');
  return hints;
}
