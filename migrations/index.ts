import type { MigrationObject } from '@mikro-orm/core';
import { CreateTables } from './0001-create-tables';
import { AnnounceChanges } from './0002-announce-changes';
import { StandardNames } from './0003-standard-names';

/** Every migration, in order; a file per intention. */
export const migrationsList: MigrationObject[] = [
  { name: '0001-create-tables', class: CreateTables },
  { name: '0002-announce-changes', class: AnnounceChanges },
  { name: '0003-standard-names', class: StandardNames },
];
