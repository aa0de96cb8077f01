import { type Places, type Sql, sql, statement } from '../database/sql';

export interface SigningKeyRow {
  kid: string;
  replaces: string | null;
  alg: string;
  public_jwk: Record<string, unknown>;
  private_jwk: string | null;
  published_at: Date | string;
  signs_from: Date | string;
  retires_at: Date | string | null;
}

interface NewKey {
  kid: string;
  alg: string;
  publicJwk: string;
  privateJwk: string;
  now: Date;
  signsFrom: Date;
}

/** The newest first. */
export const listSigningKeys = statement<object, SigningKeyRow>(
  'list-signing-keys',
  () => sql`
    select kid, replaces, alg, public_jwk, private_jwk, published_at, signs_from, retires_at
    from signing_keys order by published_at desc, signs_from desc`,
);

const insertKey = (from: Sql): Sql => sql`
  insert into signing_keys (replaces, kid, alg, public_jwk, private_jwk, published_at, signs_from)
  ${from}
  on conflict (replaces) do nothing returning kid, replaces`;

const values = (at: Places<NewKey>): Sql =>
  sql`
    ${at.kid}, ${at.alg}, ${at.publicJwk}::jsonb, ${at.privateJwk}, ${at.now}::timestamptz,
      ${at.signsFrom}::timestamptz`;

/** One row when there was no key before, on whichever process. */
export const insertFirstKey = statement<NewKey, { kid: string }>('insert-first-key', (at) =>
  insertKey(sql`select null, ${values(at)} where not exists (select from signing_keys)`),
);

/** The key that no other follows. */
const newest = sql`(
  select kid, signs_from from signing_keys as tip
  where not exists (select from signing_keys as next where next.replaces = tip.kid)
)`;

/**
 * Publishes the successor of the key that signs, which retires at a moment of its own. No row while a successor is
 * waiting; of simultaneous calls one gets a row.
 */
export const scheduleSuccessor = statement<NewKey & { retiresAt: Date }, { kid: string }>(
  'schedule-successor',
  (at) => sql`
    with added as (
      ${insertKey(sql`select newest.kid, ${values(at)} from ${newest} as newest where newest.signs_from <= ${at.now}`)}
    ), retiring as (
      update signing_keys set retires_at = ${at.retiresAt}::timestamptz from added
      where signing_keys.kid = added.replaces and signing_keys.retires_at is null
    )
    select kid from added`,
);

/** A new key that signs at once, in place of all others, whose tokens are rejected from now on. */
export const replaceAllKeys = statement<NewKey, { kid: string }>(
  'replace-all-keys',
  (at) => sql`
    with added as (
      ${insertKey(sql`select newest.kid, ${values(at)} from ${newest} as newest`)}
    ), ended as (
      update signing_keys set retires_at = least(retires_at, ${at.now}::timestamptz) from added
      where signing_keys.kid <> added.kid
    )
    select kid from added`,
);
