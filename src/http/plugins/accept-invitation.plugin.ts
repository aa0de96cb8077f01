import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { AppError } from '../../errors/app-error';
import { messageIn } from '../../errors/vietnamese';
import { escapeHtml } from '../../text/escape-html';
import { languageOf } from '../request-caller';
import { page, serveFormPages, textIn, tokenIn } from './form-page';

export interface AcceptInvitationOptions {
  /** Registers the invited user. @throws AppError when link, user name or password cannot be used */
  accept(request: FastifyRequest, input: { token: string; username: string; password: string }): Promise<void>;
}

const TEXTS = {
  en: {
    title: 'Open your account',
    username: 'User name',
    password: 'Password',
    button: 'Open my account',
    incomplete: 'The link is not complete. Copy it from the mail as a whole.',
    doneTitle: 'Welcome',
    done: 'Your account is open. You can close this page and sign in.',
  },
  vi: {
    title: 'Mở tài khoản của bạn',
    username: 'Tên người dùng',
    password: 'Mật khẩu',
    button: 'Mở tài khoản',
    incomplete: 'Liên kết không đầy đủ. Hãy sao chép toàn bộ liên kết từ thư.',
    doneTitle: 'Chào mừng',
    done: 'Tài khoản của bạn đã được mở. Bạn có thể đóng trang này và đăng nhập.',
  },
} as const;

/** The page behind the link of an invitation: user name and password, and nothing else. */
export function acceptInvitationPlugin({ accept }: AcceptInvitationOptions): FastifyPluginAsync {
  return async (app) => {
    serveFormPages(app);
    app.get('/accept-invitation', async (request) => form(languageOf(request), tokenIn(request.query)));
    app.post('/accept-invitation', async (request, reply) => {
      const language = languageOf(request);
      const [token, username, password] = [
        tokenIn(request.body),
        textIn(request.body, 'username'),
        textIn(request.body, 'password'),
      ];
      try {
        await accept(request, { token, username, password });
        return page(language, TEXTS[language].doneTitle, `<p>${TEXTS[language].done}</p>`);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        reply.code(error.status);
        return form(language, token, { username, message: messageIn(language, error) });
      }
    });
  };
}

/** The form, with what went wrong; the password is typed again. */
function form(language: 'en' | 'vi', token: string, failed?: { username: string; message: string }): string {
  const text = TEXTS[language];
  if (token === '') return page(language, text.title, `<p>${text.incomplete}</p>`);
  const alert = failed ? `<p role="alert">${escapeHtml(failed.message)}</p>` : '';
  return page(
    language,
    text.title,
    `${alert}<form method="post" action="/accept-invitation"><input type="hidden" name="token" value="${token}">
<label>${text.username}<input name="username" required minlength="4" autocomplete="username"
value="${escapeHtml(failed?.username ?? '')}"></label>
<label>${text.password}<input name="password" type="password" required autocomplete="new-password"></label>
<button>${text.button}</button></form>`,
  );
}
