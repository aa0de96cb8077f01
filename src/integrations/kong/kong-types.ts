import { z } from 'zod';
import { KONG_ALGORITHMS, type KongAlgorithm } from './kong-algorithms';
import { KongCredential } from './kong-credential';
import { UUID_SHAPE } from './kong-username';

export interface KongConsumer {
  id: string;
  /**
   * As Kong holds it (see kongUsername); null for a consumer that others made with a custom_id
   * only.
   */
  username: string | null;
  /** Whatever made it may have put there which user it stands for. */
  customId: string | null;
  tags: string[];
  createdAt: Date;
}

/** A consumer by Kong's id, or by our username (which is mapped by kongUsername). */
export type ConsumerReference = string | { id: string };

/** A credential in a list: without its secret, which nobody needs there. */
export interface KongCredentialSummary {
  id: string;
  /** null for one that somebody else made so; such a credential can be deleted by id only. */
  key: string | null;
  algorithm: KongAlgorithm;
  tags: string[];
  createdAt: Date;
}

const id = z.string().regex(UUID_SHAPE);
const tags = z
  .array(z.string())
  .nullish()
  .transform((value) => value ?? []);
/** Kong counts in whole seconds since 1970. */
const seconds = z.number().transform((value) => new Date(value * 1000));

export const consumerAnswer = z
  .object({ id, username: z.string().nullish(), custom_id: z.string().nullish(), tags, created_at: seconds })
  .transform(
    ({ created_at, username, custom_id, ...rest }): KongConsumer => ({
      ...rest,
      username: username ?? null,
      customId: custom_id ?? null,
      createdAt: created_at,
    }),
  );

const credentialFields = z.object({ id, algorithm: z.enum(KONG_ALGORITHMS), tags, created_at: seconds });

export const credentialAnswer = credentialFields
  .extend({ key: z.string().min(1), secret: z.string().min(1).nullish(), consumer: z.object({ id }) })
  .transform(
    ({ created_at, consumer, secret, ...rest }) =>
      new KongCredential({ ...rest, consumerId: consumer.id, createdAt: created_at }, secret ?? null),
  );

export const credentialPage = z.object({
  data: z.array(
    credentialFields
      .extend({ key: z.string().nullish() })
      .transform(
        ({ created_at, key, ...rest }): KongCredentialSummary => ({ ...rest, key: key ?? null, createdAt: created_at }),
      ),
  ),
  offset: z.string().nullish(),
});

/**
 * Kong's typed refusal: code 2 schema, 3 primary key, 4 foreign key, 5 unique, 6 not found (PATCH),
 * 7 and 9 paging.
 */
export const refusalAnswer = z.object({
  message: z.string(),
  code: z.number().optional(),
  name: z.string().optional(),
  fields: z.record(z.string(), z.unknown()).optional(),
});
export type KongRefusal = z.infer<typeof refusalAnswer>;
