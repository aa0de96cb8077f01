/** The process and its children, however deep. */
export function processAndBelow(pid: number): number[];
/** Resident memory of the processes together, in megabytes. */
export function rssMb(pids: readonly number[]): number;
