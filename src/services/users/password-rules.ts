export interface PasswordRules {
  minLength: number;
  blocklist: boolean;
  /**
   * Whether one's own e-mail address, which a forgotten password is sent to, changes only with the
   * current password.
   */
  guardsEmail: boolean;
}
