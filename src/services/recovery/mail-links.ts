/** Where the links of mails lead. */
export interface MailLinks {
  emailVerification(token: string): string;
  invitation(token: string): string;
  /** Where the code of a mail is entered; null where there is no such page. */
  passwordReset(email: string): string | null;
}

/** Pages of the console where it is served, else those of the server alone. */
export function mailLinks(publicUrl: string, { hasConsole }: { hasConsole: boolean }): MailLinks {
  const base = publicUrl.replace(/\/$/, '');
  if (!hasConsole)
    return {
      emailVerification: (token) => `${base}/verify-email?token=${token}`,
      invitation: (token) => `${base}/accept-invitation?token=${token}`,
      passwordReset: () => null,
    };
  return {
    emailVerification: (token) => `${base}/console/verify-email?token=${token}`,
    invitation: (token) => `${base}/console/invitation?token=${token}`,
    // a fragment is sent to no server, and is in no log
    passwordReset: (email) => `${base}/console/forgot-password#${encodeURIComponent(email)}`,
  };
}
