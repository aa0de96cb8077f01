import { turnToParse } from '../../src/rest/engine/large-body';

test('large bodies are parsed in turns of the event loop of their own, and usual ones at once', async () => {
  let turn = 0;
  let isOver = false;
  const count = () => {
    turn++;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  const parsedIn = (bytes: number) => turnToParse(Buffer.alloc(bytes)).then(() => turn);
  const large = Array.from({ length: 20 }, () => parsedIn(100_000));
  expect(await Promise.all(Array.from({ length: 20 }, () => parsedIn(1000)))).toEqual(Array(20).fill(0));
  const turns = await Promise.all(large);
  isOver = true;
  expect(new Set(turns).size).toBe(20);
});
