export interface Example {
  name: string;
  kind: 'query' | 'mutation' | 'subscription';
  query: string;
  variables: string;
  tab: boolean;
}

export function loadExamples(paths: { operationsDir: string; schemaFile: string }): Example[];
