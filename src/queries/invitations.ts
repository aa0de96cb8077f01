import { sql, statement } from '../database/sql';

export interface InvitationRow {
  id: string;
  email: string;
  roles: string[];
  expires_at: Date | string;
}

const COLUMNS = sql`id, email, roles, expires_at`;

/** @param roles JSON array of names */
export const insertInvitation = statement<
  { email: string; roles: string; invitedBy: string; now: Date; expiresAt: Date },
  InvitationRow
>(
  'insert-invitation',
  ({ email, roles, invitedBy, now, expiresAt }) => sql`
    insert into invitations (email, roles, invited_by, created_at, expires_at)
    values (${email}, ${roles}::jsonb, ${invitedBy}, ${now}, ${expiresAt}) returning ${COLUMNS}`,
);

/** Gives a pending invitation the token of the mail that is sent now. */
export const setInvitationToken = statement<{ id: string; tokenHash: string; now: Date }, InvitationRow>(
  'set-invitation-token',
  ({ id, tokenHash, now }) => sql`
    update invitations set token_hash = ${tokenHash}
    where id = ${id} and accepted_at is null and expires_at > ${now} returning ${COLUMNS}`,
);

export const findInvitation = statement<{ tokenHash: string; now: Date }, InvitationRow>(
  'find-invitation',
  ({ tokenHash, now }) => sql`
    select ${COLUMNS} from invitations
    where token_hash = ${tokenHash} and accepted_at is null and expires_at > ${now}`,
);

/** One of any number of simultaneous callers gets the row. */
export const acceptInvitationById = statement<{ id: string; now: Date }, { id: string; invited_by: string | null }>(
  'accept-invitation',
  ({ id, now }) => sql`
    update invitations set accepted_at = ${now}
    where id = ${id} and accepted_at is null and expires_at > ${now} returning id, invited_by`,
);
