import {
  type ASTVisitor,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql';

/** What one operation may be, fragments spread out. */
export const queryLimits = {
  depth: 12,
  aliases: 30,
  rootFields: 20,
  directives: 30,
  fields: 1000,
  tokens: 2000,
  cost: 100_000,
} as const;

/** Refuses an operation that is too deep or too wide before any of it runs. */
export function limitQuery(context: ValidationContext): ASTVisitor {
  return { OperationDefinition: (operation) => new Walk(context, operation).report() };
}

class Walk {
  private readonly path: string[] = [];
  private readonly counts = { aliases: 0, rootFields: 0, directives: 0, fields: 0 };
  private excess: string | undefined;

  constructor(
    private readonly context: ValidationContext,
    private readonly operation: OperationDefinitionNode,
  ) {}

  report(): void {
    this.visit(this.operation.selectionSet, 1);
    if (!this.excess) return;
    const detail = `The operation has ${this.excess}`;
    this.context.reportError(
      new GraphQLError(detail, { nodes: this.operation, extensions: { code: 'QUERY_TOO_COMPLEX' } }),
    );
  }

  private visit(set: SelectionSetNode, depth: number): void {
    for (const selection of set.selections) {
      if (this.excess) return;
      this.count('directives', selection.directives?.length ?? 0);
      if (selection.kind === Kind.FIELD) {
        this.count('fields', 1);
        if (selection.alias) this.count('aliases', 1);
        if (depth === 1) this.count('rootFields', 1);
        const introspection = selection.name.value.startsWith('__');
        if (depth > queryLimits.depth && !introspection) this.excess ??= `more than ${queryLimits.depth} levels`;
        if (selection.selectionSet && !introspection) this.visit(selection.selectionSet, depth + 1);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        this.visit(selection.selectionSet, depth);
      } else {
        this.visitFragment(selection.name.value, depth);
      }
    }
  }

  /**
   * A fragment that spreads itself is another rule's error; here it only must not go on for ever.
   */
  private visitFragment(name: string, depth: number): void {
    const fragment = this.context.getFragment(name);
    if (!fragment || this.path.includes(name)) return;
    this.path.push(name);
    this.visit(fragment.selectionSet, depth);
    this.path.pop();
  }

  private count(what: keyof Walk['counts'], by: number): void {
    this.counts[what] += by;
    if (this.counts[what] > queryLimits[what])
      this.excess ??= `more than ${queryLimits[what]} ${what === 'rootFields' ? 'root fields' : what}`;
  }
}
