import { escapeHtml } from '../../text/escape-html';
import type { MailMessage } from './mailer';

export type Language = 'en' | 'vi';

/** A paragraph, a code to type in, or a link to open. */
export type Block = string | { code: string } | { link: string };

/**
 * Plain text and HTML of the same blocks. Everything is escaped here, so that no template has to
 * think of it.
 */
export function renderMail(mail: { to: string; language: Language; subject: string; blocks: Block[] }): MailMessage {
  const { to, language, subject, blocks } = mail;
  return {
    to,
    subject,
    text: `${blocks.map(blockAsText).join('\n\n')}\n`,
    html: [
      `<!doctype html><html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" ` +
        `content="width=device-width"><title>${escapeHtml(subject)}</title></head>`,
      '<body style="font-family:sans-serif;line-height:1.5;overflow-wrap:anywhere">',
      ...blocks.map(blockAsHtml),
      '</body></html>',
    ].join('\n'),
  };
}

function blockAsText(block: Block): string {
  if (typeof block === 'string') return block;
  return 'code' in block ? `    ${block.code}` : block.link;
}

function blockAsHtml(block: Block): string {
  if (typeof block === 'string') return `<p>${escapeHtml(block)}</p>`;
  if ('code' in block)
    return `<p style="font-size:2em;letter-spacing:.2em"><strong>${escapeHtml(block.code)}</strong></p>`;
  const link = escapeHtml(block.link);
  return `<p><a href="${link}">${link}</a></p>`;
}
