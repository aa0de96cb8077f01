import { AppError } from '../../src/errors/app-error';
import { errorCatalogue } from '../../src/errors/catalogue';
import { messageIn, vietnameseMessages } from '../../src/errors/vietnamese';

const placesIn = (message: string) => [...message.matchAll(/\{\w+\}/g)].map(String);

test.each(Object.entries(vietnameseMessages))('%s has no parameter that the English message has not', (code, text) => {
  const english = placesIn(errorCatalogue[code as keyof typeof errorCatalogue].message);
  expect(english).toEqual(expect.arrayContaining(placesIn(text)));
});

test('a message without a translation stays English', () => {
  expect(messageIn('vi', new AppError('USERNAME_TOO_SHORT', { min: 4 }))).toBe(
    'Tên người dùng phải có ít nhất 4 ký tự',
  );
  expect(messageIn('en', new AppError('USERNAME_TOO_SHORT', { min: 4 }))).toBe(
    'Username must be at least 4 characters',
  );
  expect(messageIn('vi', new AppError('VALIDATION_FAILED', { detail: 'Details' }))).toBe('Details');
});
