import { access } from './access.mjs';
import { audit } from './audit.mjs';
import { changeFeed } from './change-feed.mjs';
import { http } from './http.mjs';
import { kong } from './kong.mjs';
import { limits } from './limits.mjs';
import { passwords } from './passwords.mjs';
import { recovery } from './recovery.mjs';
import { sessions } from './sessions.mjs';
import { tokens } from './tokens.mjs';

const areas = {
  tokens,
  sessions,
  passwords,
  recovery,
  limits,
  access,
  'change feed': changeFeed,
  kong,
  audit,
  http,
};

export const mutants = Object.entries(areas).flatMap(([area, list]) => list.map((mutant) => ({ area, ...mutant })));

export function mutate(source, { title, file, find, replace }) {
  const places = source.split(find).length - 1;
  if (places !== 1) throw new Error(`"${title}": the text to replace stands ${places} times in ${file}`);
  return source.replace(find, () => replace);
}
