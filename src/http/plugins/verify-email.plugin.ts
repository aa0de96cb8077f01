import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { AppError } from '../../errors/app-error';
import { languageOf } from '../request-caller';
import { page, serveFormPages, tokenIn } from './form-page';

export interface VerifyEmailOptions {
  /** Proves the address. @throws AppError when the link is not valid any more */
  verify(request: FastifyRequest, linkToken: string): Promise<void>;
}

const TEXTS = {
  en: {
    title: 'Confirm your e-mail address',
    button: 'Confirm my address',
    incomplete: 'The link is not complete. Copy it from the mail as a whole.',
    doneTitle: 'Thank you',
    done: 'Your e-mail address is confirmed. You can close this page.',
    failedTitle: 'That did not work',
    failed: 'The link was used or has expired. Ask for a new mail, and open its link within five minutes.',
    busy: 'The service is not available at the moment. Try again in a minute.',
  },
  vi: {
    title: 'Xác nhận địa chỉ e-mail của bạn',
    button: 'Xác nhận địa chỉ của tôi',
    incomplete: 'Liên kết không đầy đủ. Hãy sao chép toàn bộ liên kết từ thư.',
    doneTitle: 'Cảm ơn bạn',
    done: 'Địa chỉ e-mail của bạn đã được xác nhận. Bạn có thể đóng trang này.',
    failedTitle: 'Không thành công',
    failed: 'Liên kết đã được dùng hoặc đã hết hạn. Hãy yêu cầu thư mới và mở liên kết trong vòng năm phút.',
    busy: 'Dịch vụ tạm thời không khả dụng. Hãy thử lại sau một phút.',
  },
} as const;

/**
 * The page behind the link of a verification mail. Opening it changes nothing, because mail
 * scanners open links as well: the button does.
 */
export function verifyEmailPlugin({ verify }: VerifyEmailOptions): FastifyPluginAsync {
  return async (app) => {
    serveFormPages(app);
    app.get('/verify-email', async (request) => {
      const language = languageOf(request);
      const { title, button, incomplete } = TEXTS[language];
      const token = tokenIn(request.query);
      const form = `<form method="post" action="/verify-email">
<input type="hidden" name="token" value="${token}"><button>${button}</button></form>`;
      return page(language, title, token === '' ? `<p>${incomplete}</p>` : form);
    });
    app.post('/verify-email', async (request, reply) => {
      const language = languageOf(request);
      const { doneTitle, done, failedTitle, failed, busy } = TEXTS[language];
      try {
        const token = tokenIn(request.body);
        if (token === '') throw new AppError('INVALID_LINK');
        await verify(request, token);
        return page(language, doneTitle, `<p>${done}</p>`);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        reply.code(error.status);
        return page(language, failedTitle, `<p role="alert">${error.code === 'INVALID_LINK' ? failed : busy}</p>`);
      }
    });
  };
}
