import { z } from 'zod';
import { KONG_ALGORITHMS } from './kong-algorithms';
import { KongCredential } from './kong-credential';
import { UUID_SHAPE } from './kong-username';

export interface KongConsumer {
  id: string;
  /**
   * As Kong holds it (see kongUsername); null for a consumer that others made with a custom_id
   * only.
   */
  username: string | null;
  /** The id of the user whom the consumer stands for, where its maker set it. */
  customId: string | null;
  tags: string[];
  createdAt: Date;
}

/** A consumer by Kong's id, or by our username (which is mapped by kongUsername). */
export type ConsumerReference = string | { id: string };

const id = z.string().regex(UUID_SHAPE);
const tags = z
  .array(z.string())
  .nullish()
  .transform((value) => value ?? []);
/** Kong's dates are whole seconds since 1970. */
const date = z.number().transform((value) => new Date(value * 1000));

export const consumerAnswer = z
  .object({ id, username: z.string().nullish(), custom_id: z.string().nullish(), tags, created_at: date })
  .transform(
    ({ created_at, username, custom_id, ...rest }): KongConsumer => ({
      ...rest,
      username: username ?? null,
      customId: custom_id ?? null,
      createdAt: created_at,
    }),
  );

export const credentialAnswer = z
  .object({
    id,
    algorithm: z.enum(KONG_ALGORITHMS),
    tags,
    created_at: date,
    key: z.string().min(1),
    secret: z.string().min(1).nullish(),
    consumer: z.object({ id }),
  })
  .transform(
    ({ created_at, consumer, secret, ...rest }) =>
      new KongCredential({ ...rest, consumerId: consumer.id, createdAt: created_at }, secret ?? null),
  );

/** A consumer's membership in a group of Kong's acl plugin. */
export interface KongGroup {
  id: string;
  group: string;
  tags: string[];
}

const groupAnswer = z.object({ id, group: z.string(), tags });
export const groupPage = z.object({ data: z.array(groupAnswer), offset: z.string().nullish() });

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
