import { sql, statement } from '../database/sql';

export interface NodeRow {
  /** Whether it follows another node. */
  standby: boolean;
  /** Which cluster it belongs to; copies by replication have it too. */
  system: string;
  /** Rises by each promotion; null on a standby, or where it is not known. */
  timeline: number | null;
}

/** What a node of PostgreSQL is. The name of its log file begins with its timeline. */
export const findNode = statement<object, NodeRow>(
  'find-node',
  () => sql`select pg_is_in_recovery() as standby, system_identifier::text as system,
    case when not pg_is_in_recovery()
      then ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int end as timeline
    from pg_control_system()`,
);

export const findNodeRole = statement<object, Pick<NodeRow, 'standby'>>(
  'find-node-role',
  () => sql`select pg_is_in_recovery() as standby`,
);
