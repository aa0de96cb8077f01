import type { Client } from 'pg';
import { uuidArray } from '../../database/uuid';
import { endTokensOfUsers } from '../../queries/account-state';
import { deleteCodesOfAccounts, endSessionsOfAccounts } from '../../queries/account-transfer';
import { revokeKongCredentials } from '../../queries/kong-credentials';

interface EndOfAccess {
  userIds: readonly string[];
  reason: string;
  now: Date;
}

/**
 * For accounts that the file has disabled or given another password: every token, session, code and
 * Kong credential ends with the commit, as AccountRevocation does it for one account.
 */
export async function endAccess(client: Client, { userIds, reason, now }: EndOfAccess): Promise<void> {
  const ids = uuidArray(userIds);
  await client.query(endTokensOfUsers.query({ userIds: ids, exemptTokenKey: null, now }));
  await client.query(endSessionsOfAccounts.query({ ids, reason, now }));
  await client.query(deleteCodesOfAccounts.query({ ids }));
  await client.query(revokeKongCredentials.query({ ids, now }));
}
