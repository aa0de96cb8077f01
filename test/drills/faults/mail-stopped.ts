import { eventually } from '../../support/eventually';
import type { Fault } from './fault';

const ADDRESS = 'mail-drill@example.org';

/** Requests are answered, and their mails come later. */
export const mailStopped: Fault = {
  name: 'SMTP stopped',
  meanwhile: 'works',
  boundMs: 3000,
  inflict: async (stage) => {
    const [server] = stage.servers as [(typeof stage.servers)[0]];
    await server.user({ username: `mail-drill-${Date.now()}`, email: ADDRESS });
    await stage.smtp.close();
    await server.data('mutation($e: String!) { requestPasswordReset(input: { email: $e }) { __typename } }', {
      e: ADDRESS,
    });
  },
  mend: (stage) => stage.startMail(),
  untilBack: ({ smtp }) =>
    eventually('the mail', () => smtp.received.some(({ recipients }) => recipients.includes(ADDRESS))),
  recoveryMs: 10_000, // its job is tried again after 1, 2, 4, 8 s
};
