import { Field, ObjectType } from 'type-graphql';

@ObjectType({ description: 'The position of a page in its connection (Relay cursor connections).' })
export class PageInfo {
  @Field(() => Boolean, { description: 'Whether more items follow.' })
  hasNextPage!: boolean;

  @Field(() => Boolean, { description: 'Whether items precede the page.' })
  hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true, description: 'Cursor of the first edge.' })
  startCursor!: string | null;

  @Field(() => String, { nullable: true, description: 'Cursor of the last edge: the `after` of the next page.' })
  endCursor!: string | null;
}

interface Page {
  /** Cursor of the item at an index. A page of a thousand is seldom asked for all of them. */
  readonly cursorOf: (index: number) => string;
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
}

export interface Connection<Node> {
  edges: { cursor: string; node: Node }[];
  nodes: Node[];
  pageInfo: PageInfo;
}

/** @param more other members of the connection */
export const connection = <Node, More extends object>(
  nodes: Node[],
  page: Page,
  more: More,
): Connection<Node> & More => ({
  ...more,
  nodes,
  get edges() {
    return nodes.map((node, i) => ({ cursor: page.cursorOf(i), node }));
  },
  pageInfo: {
    hasNextPage: page.hasNextPage,
    hasPreviousPage: page.hasPreviousPage,
    startCursor: nodes.length === 0 ? null : page.cursorOf(0),
    endCursor: nodes.length === 0 ? null : page.cursorOf(nodes.length - 1),
  },
});
