import type { z } from 'zod';
import { type KongAdmin, type KongAnswer, type KongCall, unexpectedRefusal } from './kong-admin';

/** Calls whose answers have to match a schema. An unexpected answer is a KongFailureError. */
export class ValidatedCalls {
  constructor(private readonly admin: KongAdmin) {}

  /** @returns null for what does not exist */
  async read<T extends z.ZodType>(call: KongCall, schema: T): Promise<z.output<T> | null> {
    const answer = await this.admin.call(call);
    return answer.kind === 'absent' ? null : this.validate(call, answer, schema);
  }

  /** @returns whether it existed */
  async remove(call: KongCall): Promise<boolean> {
    const answer = await this.admin.call(call);
    if (answer.kind === 'refused') throw unexpectedRefusal(call, answer);
    return answer.kind === 'done';
  }

  validate<T extends z.ZodType>(call: KongCall, answer: KongAnswer, schema: T): z.output<T> {
    if (answer.kind !== 'done') throw unexpectedRefusal(call, answer);
    const parsed = schema.safeParse(answer.body);
    // zod's error is dropped, because it may hold parts of a body with a secret
    if (!parsed.success) throw unexpectedRefusal(call, answer);
    return parsed.data;
  }
}
