/** Where a person was before the sign-in page took its place. */
export interface CameFrom {
  from?: string;
}
