import { UUID_SHAPE } from '../../../../src/integrations/kong/kong-username';
import { type Database, type Row, refersTo, type Table } from '../database';
import type { Randomness } from '../randomness';
import {
  entityNotFound,
  type FieldErrors,
  foreignKeyViolation,
  primaryKeyViolation,
  schemaViolation,
  uniqueViolation,
} from './answers';
import { complete, type Field, fieldErrors, uuid } from './fields';
import type { Input } from './request-body';

/** What Kong knows of one kind of entity. */
export interface Kind {
  table: Table;
  fields: Record<string, Field>;
  /** The member that a path may use instead of the id. */
  endpointKey?: string;
  /** Members (or sets of members) that no two rows share. null never clashes, except in a set. */
  unique: string[][];
  /** Values that are made when they are not given; an explicit null stays null. */
  made?: (randomness: Randomness) => Record<string, () => unknown>;
  /** Short forms in the input, `url` for example. */
  prepare?: (input: Input) => Input;
  /** Checks over several members. */
  entityErrors?: (row: Record<string, unknown>) => FieldErrors;
  withoutUpdatedAt?: boolean;
}

/** Kong's generic data access: insert, upsert, update with its validation and its refusals. */
export class Entities {
  constructor(
    private readonly database: Database,
    private readonly randomness: Randomness,
    /** Whole seconds since 1970. */
    private readonly now: () => number,
  ) {}

  /** A UUID-shaped path value is an id, whatever else has that name. */
  select(kind: Kind, selector: string): Row | undefined {
    if (UUID_SHAPE.test(selector)) return this.database.byId(kind.table, selector);
    const { endpointKey } = kind;
    return endpointKey === undefined
      ? undefined
      : this.database.find(kind.table, (row) => row[endpointKey] === selector);
  }

  /**
   * `owner` is the reference that the path gives, `{ consumer: { id } }` for example; it wins over
   * the body.
   */
  insert(kind: Kind, input: Input, owner: Input = {}): Row {
    const row = this.fill(kind, { ...input, ...owner });
    const id = typeof input.id === 'string' ? input.id.toLowerCase() : this.randomness.id();
    if (this.database.byId(kind.table, id)) throw primaryKeyViolation(id);
    return this.store(kind, { ...row, id, created_at: this.now() });
  }

  /**
   * PUT: members that are not given go back to their initial values; id and created_at of an
   * existing row stay.
   */
  upsert(kind: Kind, selector: string, input: Input, owner: Input = {}): Row {
    const existing = this.select(kind, selector);
    const byId = UUID_SHAPE.test(selector);
    const named = byId || kind.endpointKey === undefined ? {} : { [kind.endpointKey]: selector };
    const row = this.fill(kind, { ...input, ...named, ...owner });
    const id = existing?.id ?? (byId ? selector.toLowerCase() : this.randomness.id());
    return this.store(kind, { ...row, id, created_at: existing?.created_at ?? this.now() });
  }

  /** PATCH: the given members only; records are merged. */
  update(kind: Kind, selector: string, input: Input): Row {
    const existing = this.select(kind, selector);
    if (!existing)
      throw entityNotFound(UUID_SHAPE.test(selector) ? { id: selector } : { [kind.endpointKey ?? 'id']: selector });
    return this.change(kind, existing, input);
  }

  change(kind: Kind, existing: Row, input: Input): Row {
    const merged: Input = { ...(kind.prepare?.(input) ?? input) };
    for (const name of Object.keys(kind.fields)) {
      merged[name] = name in merged ? mergeRecords(existing[name], merged[name]) : existing[name];
    }
    const row = this.fill(kind, merged);
    return this.store(kind, { ...row, id: existing.id, created_at: existing.created_at });
  }

  private fill(kind: Kind, given: Input): Record<string, unknown> {
    const input = kind.prepare?.(given) ?? given;
    const errors = fieldErrors({ ...kind.fields, id: uuid }, input);
    const made = Object.entries(kind.made?.(this.randomness) ?? {}).flatMap(([name, make]) =>
      name in input ? [] : [[name, make()]],
    );
    const row: Record<string, unknown> = { ...complete(kind.fields, input), ...Object.fromEntries(made) };
    const all = { ...kind.entityErrors?.(row), ...errors };
    if (Object.keys(all).length > 0) throw schemaViolation(all);
    return row;
  }

  private store(kind: Kind, row: Row): Row {
    this.checkReferences(row);
    for (const members of kind.unique) this.checkUnique(kind, members, row);
    const stamped = kind.withoutUpdatedAt ? row : { ...row, updated_at: this.now() };
    this.database.put(kind.table, stamped);
    return stamped;
  }

  private checkUnique(kind: Kind, members: string[], row: Row): void {
    if (members.length === 1 && (row[members[0]!] ?? null) === null) return;
    const same = (other: Row) => members.every((name) => JSON.stringify(other[name]) === JSON.stringify(row[name]));
    const clash = this.database.find(kind.table, (other) => other.id !== row.id && same(other));
    if (clash) throw uniqueViolation(Object.fromEntries(members.map((name) => [name, row[name]])));
  }

  private checkReferences(row: Row): void {
    const tables: [string, Table][] = [
      ['consumer', 'consumers'],
      ['service', 'services'],
      ['route', 'routes'],
    ];
    for (const [member, table] of tables) {
      const value = row[member] as { id: string } | null | undefined;
      if (value && !this.database.byId(table, value.id)) throw foreignKeyViolation(member, table, value.id);
    }
  }

  /** Deletes a row with everything that refers to it. */
  remove(table: Table, row: Row): void {
    const dependants: Partial<Record<Table, [Table, string][]>> = {
      consumers: [
        ['jwt_secrets', 'consumer'],
        ['acls', 'consumer'],
        ['plugins', 'consumer'],
      ],
      routes: [['plugins', 'route']],
      services: [['plugins', 'service']],
    };
    for (const [other, member] of dependants[table] ?? [])
      this.database.delete(other, (candidate) => refersTo(candidate[member], row.id));
    this.database.delete(table, (candidate) => candidate.id === row.id);
  }
}

function mergeRecords(existing: unknown, given: unknown): unknown {
  if (!isRecord(existing) || !isRecord(given)) return given;
  const members = Object.entries(given).map(([name, value]) => [name, mergeRecords(existing[name], value)]);
  return { ...existing, ...Object.fromEntries(members) };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
