import { type ASTNode, type DocumentNode, type Location, visit } from 'graphql';
import { LRUCache } from 'lru-cache';
import { cacheCounts } from '../../observability/metrics/cache-counts';
import { type Operation, operationsOf } from './operation';

/** A request body that needs nothing from Apollo: its text is known and nothing else is asked. */
export interface KnownRequest {
  readonly operation: Operation;
  readonly variables: Record<string, unknown> | undefined;
}

/** Bytes that the documents of clients with a token, and of all others, may take. */
const AUTHENTICATED_BYTES = 24_000_000;
const ANONYMOUS_BYTES = 8_000_000;
/** What a node takes with its arrays, its location and its part of a plan; measured over large documents. */
const NODE_BYTES = 360;
/** The cache entry, the operation and its costs. */
const ENTRY_BYTES = 4_000;

/**
 * The operations that Apollo Server has parsed, validated and accepted, by their exact text. Those
 * of clients without a token have a segment of their own, so that they evict none of the others.
 * Documents of several operations, persisted queries and batches always go to Apollo.
 */
export class DocumentCache {
  private readonly authenticated = segment(AUTHENTICATED_BYTES);
  private readonly anonymous = segment(ANONYMOUS_BYTES);
  private readonly counts = cacheCounts('documents');

  /** Keeps an operation that Apollo has accepted. */
  add(accepted: { text: string; document: DocumentNode; operation: Operation; isAuthenticated: boolean }): void {
    const { text, document, operation, isAuthenticated } = accepted;
    if (operationsOf(document).length > 1) return;
    const size = ENTRY_BYTES + 2 * text.length + NODE_BYTES * releaseTokens(document);
    (isAuthenticated ? this.authenticated : this.anonymous).set(text, operation, { size });
  }

  /** The known operation that the body of a POST asks for; null when Apollo has to read the body. */
  find(body: unknown): KnownRequest | null {
    if (typeof body !== 'object' || body === null) return null;
    const { query, variables, operationName, extensions } = body as Record<string, unknown>;
    if (typeof query !== 'string') return null;
    const operation = this.authenticated.get(query) ?? this.anonymous.get(query);
    if (operation) this.counts.hits++;
    else this.counts.misses++;
    if (!operation) return null;
    if (!isRecordOrMissing(variables) || !isRecordOrMissing(extensions) || extensions?.persistedQuery) return null;
    if (operationName !== undefined && operationName !== null && operationName !== operation.name) return null;
    return { operation, variables: variables ?? undefined };
  }
}

const segment = (maxSize: number) => new LRUCache<string, Operation>({ maxSize });

/**
 * Reduces every location to what error messages need: the parser's refer to all tokens of the
 * document, which take more memory than the document. @returns the number of nodes
 */
function releaseTokens(document: DocumentNode): number {
  let nodes = 0;
  visit(document, {
    enter: (node: ASTNode) => {
      nodes++;
      if (!node.loc) return;
      const { start, end, source } = node.loc;
      (node as { loc: unknown }).loc = { start, end, source } satisfies Pick<Location, 'start' | 'end' | 'source'>;
    },
  });
  return nodes;
}

const isRecordOrMissing = (value: unknown): value is Record<string, unknown> | null | undefined =>
  value === undefined || value === null || (typeof value === 'object' && !Array.isArray(value));
