// The least that a login costs: node:http around bcrypt.compare, of which no more run at once than
// there are cores.
import bcrypt from 'bcrypt';
import { bodyOf, sendJson, serve, settings } from './floor.mjs';

const waiting = [];
let running = 0;

async function compare(password) {
  if (running >= settings.cores) await new Promise((resolve) => waiting.push(resolve));
  else running++;
  try {
    return await bcrypt.compare(password, settings.hash);
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running--;
  }
}

serve(async (request, response) => {
  const body = JSON.parse(await bodyOf(request));
  if (!(await compare((body.variables?.input ?? body).password))) return response.writeHead(401).end();
  sendJson(response, settings.answer);
});
