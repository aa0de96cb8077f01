import type { MigrationObject } from '@mikro-orm/core';
import { CreateTables } from './0001-create-tables';
import { AnnounceChanges } from './0002-announce-changes';
import { StandardNames } from './0003-standard-names';
import { Jobs } from './0004-jobs';
import { TriesByClient } from './0005-tries-by-client';
import { CountedRefusals } from './0006-counted-refusals';
import { Invitations } from './0007-invitations';
import { SessionsOfCompatTokens } from './0008-sessions-of-compat-tokens';
import { AnnounceHistory } from './0009-announce-history';
import { KongGroups } from './0010-kong-groups';
import { KnownClients } from './0011-known-clients';
import { KongDeletionJobs } from './0012-kong-deletion-jobs';
import { SortIndexes } from './0013-sort-indexes';
import { AnnounceMovedRoles } from './0014-announce-moved-roles';
import { SigningKeys } from './0015-signing-keys';
import { MonthlyHistories } from './0017-monthly-histories';

/** Every migration, in order; a file per intention. */
export const migrationsList: MigrationObject[] = [
  { name: '0001-create-tables', class: CreateTables },
  { name: '0002-announce-changes', class: AnnounceChanges },
  { name: '0003-standard-names', class: StandardNames },
  { name: '0004-jobs', class: Jobs },
  { name: '0005-tries-by-client', class: TriesByClient },
  { name: '0006-counted-refusals', class: CountedRefusals },
  { name: '0007-invitations', class: Invitations },
  { name: '0008-sessions-of-compat-tokens', class: SessionsOfCompatTokens },
  { name: '0009-announce-history', class: AnnounceHistory },
  { name: '0010-kong-groups', class: KongGroups },
  { name: '0011-known-clients', class: KnownClients },
  { name: '0012-kong-deletion-jobs', class: KongDeletionJobs },
  { name: '0013-sort-indexes', class: SortIndexes },
  { name: '0014-announce-moved-roles', class: AnnounceMovedRoles },
  { name: '0015-signing-keys', class: SigningKeys },
  { name: '0017-monthly-histories', class: MonthlyHistories },
];
