import fs from 'node:fs';
import path from 'node:path';
import { characters, normalizeText } from '../../src/security/text-limits';

test('a text is counted in characters, not in UTF-16 units', () => {
  expect(characters('🦊é')).toBe(2);
});

test('a text is normalized to NFC, however its writer has composed it', () => {
  expect(normalizeText('e\u0302\u0323'.repeat(255), 'username')).toBe('ệ'.repeat(255));
});

test('a text above its limit is not normalized: that would take quadratic time', () => {
  const normalize = jest.spyOn(String.prototype, 'normalize');
  expect(normalizeText(`a${'\u0301'.repeat(30_000)}${'\u0323'.repeat(30_000)}`, 'password')).toBeNull();
  expect(normalize).not.toHaveBeenCalled();
  normalize.mockRestore();
});

test('nothing else in the server normalizes what a client sends', () => {
  const files = fs.readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const normalizing = files.filter((file) => fs.readFileSync(path.join('src', file), 'utf8').includes('.normalize('));
  const ofTheEnvironment = 'config/domain-parsers.ts';
  expect(normalizing.filter((file) => file !== ofTheEnvironment)).toEqual(['security/text-limits.ts']);
});
