import type { MigrationObject } from '@mikro-orm/core';
import { CreateTables } from './0001-create-tables';
import { AnnounceChanges } from './0002-announce-changes';

/** Every migration, in order; a file per intention. */
export const migrationsList: MigrationObject[] = [
  { name: '0001-create-tables', class: CreateTables },
  { name: '0002-announce-changes', class: AnnounceChanges },
];
