import { AppError } from '../../src/errors/app-error';
import { errorCatalogue } from '../../src/errors/catalogue';
import { describeProblem, type ProblemRule, problemMessages } from '../../src/errors/problems';
import { messageIn, problemsIn, vietnameseMessages } from '../../src/errors/vietnamese';

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

test.each(Object.entries(problemMessages))('%s says in Vietnamese what it says in English', (_rule, { en, vi }) => {
  const named = (text: string) => placesIn(text).map((place) => (place === '{label}' ? '{field}' : place));
  expect(named(vi!).sort()).toEqual(named(en).sort());
  expect(vi).not.toBe(en);
});

test('a problem names the member as people call it, and a member without a label by its name', () => {
  const inVietnamese = (field: string, rule: ProblemRule) =>
    problemsIn('vi', [describeProblem(field, rule, { max: 100 })])[0]!.message;
  expect(inVietnamese('lastName', 'TEXT_TOO_LONG')).toBe('Họ không được dài quá 100 ký tự');
  expect(inVietnamese('code', 'TEXT_TOO_LONG')).toBe('code không được dài quá 100 ký tự');
});
