import graphiqlDist from 'graphiql-dist/package.json';
import { inputsHash } from '../../web/graphiql/inputs.mjs';

describe('graphiql-dist, the ready-made GraphiQL', () => {
  test('was built from what stands in web/graphiql; otherwise run `npm run graphiql:build`', () => {
    expect(graphiqlDist.inputs).toBe(inputsHash());
  });
});
