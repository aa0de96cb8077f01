// Writes the typed documents of schema/operations that REST, the tests and React clients share.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { codegen } from '@graphql-codegen/core';
import * as typedDocumentNode from '@graphql-codegen/typed-document-node';
import * as typescriptOperations from '@graphql-codegen/typescript-operations';
import { parse } from 'graphql';

const root = path.resolve(import.meta.dirname, '../..');
const operations = path.join(root, 'schema/operations');
const filename = path.join(root, 'src/rest/generated/operations.ts');

const documents = readdirSync(operations, { recursive: true })
  .filter((file) => file.endsWith('.graphql'))
  .sort()
  .map((file) => path.join(operations, file))
  .map((location) => ({ location, document: parse(readFileSync(location, 'utf8')) }));

const text = await codegen({
  filename,
  schema: parse(readFileSync(path.join(root, 'schema/schema.graphql'), 'utf8')),
  documents,
  plugins: [{ typescriptOperations: {} }, { typedDocumentNode: {} }],
  pluginMap: { typescriptOperations, typedDocumentNode },
  config: {
    useTypeImports: true,
    enumsAsTypes: true,
    strictScalars: true,
    scalars: { DateTimeISO: 'string', LocalDate: 'string', JSONObject: 'Record<string, unknown>' },
  },
});
writeFileSync(filename, text);
