import { randomBytes } from 'node:crypto';
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Clock } from '../../config/clock';
import type { Language } from '../../integrations/mail/mail-template';
import { MailUnavailableError } from '../../integrations/mail/mail-unavailable.error';
import type { Mailer } from '../../integrations/mail/mailer';
import { emailVerificationMail, invitationMail, passwordResetMail } from '../../integrations/mail/messages';
import { emailChangedMail, newDeviceMail, passwordChangedMail } from '../../integrations/mail/notices';
import { setInvitationToken } from '../../queries/invitations';
import { findCodeOwner, insertCodeMailJob } from '../../queries/one-time-codes';
import { tokenHash } from '../../security/tokens/access-tokens';
import type { AuditLog } from '../audit/audit-log';
import type { Caller } from '../caller';
import type { JobHandler } from '../jobs/job-lane';
import type { JobQueue } from '../jobs/job-queue';
import type { MailLinks } from './mail-links';
import type { CodePurpose, OneTimeCodes } from './one-time-codes';

const CODE_MAIL = 'code-mail';
const NOTICE_MAIL = 'notice-mail';
const INVITATION_MAIL = 'invitation-mail';
const GIVE_UP_MS = 3_600_000;
const LONGEST_PAUSE_S = 300;

/** Who asked for a code, as the security history shows it. */
interface Requester {
  language: Language;
  address: string;
  userAgent: string | null;
}

/** The content of a `code-mail` job; `userId` is null where the address has no active account. */
type CodeMail = Requester & { purpose: CodePurpose; userId: string | null };

/** What the owner of an account is told about. */
export type NoticeKind = 'password-changed' | 'email-changed' | 'new-device';

/** The content of a `notice-mail` job. */
interface NoticeMail extends Requester {
  notice: NoticeKind;
  to: string;
  /** RFC 3339. */
  at: string;
}

/** The content of an `invitation-mail` job. */
interface InvitationMail {
  invitationId: string;
  language: Language;
}

export interface AccountMailDependencies {
  em: SqlEntityManager;
  queue: JobQueue;
  codes: OneTimeCodes;
  mailer: Mailer;
  audit: AuditLog;
  links: MailLinks;
  clock: Clock;
}

/**
 * Mails about an account, sent by the job queue after the answer: neither the speed of the mail
 * server nor whether an address has an account shows in it. A code is made when its mail is sent,
 * so that none lies in the queue.
 */
export class AccountMails {
  constructor(private readonly needs: AccountMailDependencies) {
    const { queue, clock } = needs;
    queue.handle(
      CODE_MAIL,
      mailHandler(clock, (payload, tries) => this.sendCode(payload as unknown as CodeMail, tries)),
    );
    queue.handle(
      INVITATION_MAIL,
      mailHandler(clock, (payload) => this.sendInvitation(payload as unknown as InvitationMail)),
    );
    queue.handle(
      NOTICE_MAIL,
      mailHandler(clock, (payload) => this.sendNotice(payload as unknown as NoticeMail)),
    );
  }

  /** Queues a mail with a code to the account of an address, if there is one. */
  async requestCode(purpose: CodePurpose, email: string, caller: Caller): Promise<void> {
    const { em, clock } = this.needs;
    const { language, address, userAgent } = caller;
    const payload = JSON.stringify({ purpose, language, address, userAgent });
    await insertCodeMailJob.rows(em, { kind: CODE_MAIL, email, purpose, payload, now: clock.now() });
  }

  /** Queues the mail of an invitation. @param em of the transaction that makes it */
  async addInvitation(em: SqlEntityManager, invitationId: string, { language }: Caller): Promise<void> {
    await this.needs.queue.add(em, { kind: INVITATION_MAIL, payload: { invitationId, language } });
  }

  /**
   * Queues a notice to each address; null is an account without one.
   * @param em of the transaction of the change that the owner is told about
   */
  async addNotice(
    em: SqlEntityManager,
    { notice, to }: { notice: NoticeKind; to: readonly (string | null)[] },
    { language, address, userAgent }: Caller,
  ): Promise<void> {
    const { queue, clock } = this.needs;
    const at = clock.now().toISOString();
    for (const recipient of new Set(to)) {
      if (recipient === null) continue;
      await queue.add(em, { kind: NOTICE_MAIL, payload: { notice, to: recipient, language, address, userAgent, at } });
    }
  }

  private async sendCode({ purpose, userId, ...requester }: CodeMail, tries: number): Promise<void> {
    const { em, codes, mailer, audit, links } = this.needs;
    const owner = userId === null ? undefined : await findCodeOwner.row(em, { userId });
    if (userId === null || !owner?.email) return;
    const issued = await codes.issue(purpose, { userId, email: owner.email });
    if (!issued) return;
    const { code, linkToken } = issued;
    const recipient = { to: owner.email, name: owner.first_name, language: requester.language };
    if (purpose === 'verify-email') {
      await mailer.send(emailVerificationMail({ ...recipient, code, link: links.emailVerification(linkToken) }));
      return;
    }
    if (tries === 1) {
      const entry = { action: 'password.reset-requested', targetType: 'user', targetId: userId } as const;
      await audit.record(em, { ...requester, principal: null }, entry);
    }
    await mailer.send(passwordResetMail({ ...recipient, code, link: links.passwordReset(owner.email) }));
  }

  private async sendInvitation({ invitationId, language }: InvitationMail): Promise<void> {
    const { em, mailer, links, clock } = this.needs;
    const token = randomBytes(32).toString('base64url');
    const row = await setInvitationToken.row(em, { id: invitationId, tokenHash: tokenHash(token), now: clock.now() });
    if (!row) return;
    const link = links.invitation(token);
    await mailer.send(invitationMail({ to: row.email, language, link, expiresAt: new Date(row.expires_at) }));
  }

  private async sendNotice({ notice, at, userAgent, ...mail }: NoticeMail): Promise<void> {
    const occasion = { ...mail, at: new Date(at) };
    const { mailer } = this.needs;
    if (notice === 'password-changed') await mailer.send(passwordChangedMail(occasion));
    else if (notice === 'email-changed') await mailer.send(emailChangedMail(occasion));
    else await mailer.send(newDeviceMail({ ...occasion, device: userAgent ?? 'User-Agent unknown' }));
  }
}

/** Tries again for an hour, unless the mail server has refused the mail for good. */
function mailHandler(
  clock: Clock,
  send: (payload: Record<string, unknown>, tries: number) => Promise<void>,
): JobHandler {
  return {
    run: (payload, { tries }) => send(payload, tries),
    retryAfter: (error, { tries, createdAt }) => {
      if (error instanceof MailUnavailableError && !error.retryable) return null;
      if (clock.now().getTime() - createdAt.getTime() > GIVE_UP_MS) return null;
      return Math.min(LONGEST_PAUSE_S, 2 ** (tries - 1));
    },
  };
}
