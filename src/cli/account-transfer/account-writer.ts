import { members, type TransferAccount } from './account';
import type { FileFormat } from './file-format';
import { shortInstant } from './instant';

/** What comes before the first account. */
export const fileHeader = (format: FileFormat): string => (format === 'csv' ? `${members.join(',')}\r\n` : '');

/** An account as one record of a file. */
export function accountRecord(account: TransferAccount, format: FileFormat): string {
  const written = { ...account, createdAt: shortInstant(account.createdAt) };
  written.lastLoginAt = written.lastLoginAt && shortInstant(written.lastLoginAt);
  written.tokensValidAfter = written.tokensValidAfter && shortInstant(written.tokensValidAfter);
  if (format === 'csv') return `${members.map((member) => cell(written[member])).join(',')}\r\n`;
  return `${JSON.stringify(Object.fromEntries(members.map((member) => [member, written[member]])))}\n`;
}

/** RFC 4180 section 2. */
function cell(value: TransferAccount[keyof TransferAccount]): string {
  const text = Array.isArray(value) ? value.join(' ') : String(value ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
