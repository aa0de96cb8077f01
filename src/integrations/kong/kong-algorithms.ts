/**
 * The algorithms of Kong's jwt plugin (3.7.0 on). Kong holds a signing key for the HS* ones only.
 */
export const KONG_ALGORITHMS = [
  'HS256',
  'HS384',
  'HS512',
  'RS256',
  'RS384',
  'RS512',
  'ES256',
  'ES384',
  'ES512',
  'PS256',
  'PS384',
  'PS512',
  'EdDSA',
] as const;
export type KongAlgorithm = (typeof KONG_ALGORITHMS)[number];
export type HmacAlgorithm = 'HS256' | 'HS384' | 'HS512';
