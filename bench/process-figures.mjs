import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const hasProc = fs.existsSync('/proc/self/stat');
/** Linux counts CPU time in these. */
const TICKS_PER_SECOND = hasProc ? Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' })) : 100;

/** Fields of /proc/<pid>/stat after the name, which may hold spaces and parentheses. */
function statOf(pid) {
  const text = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

/**
 * The process and its children, however deep; those of `exclude` (the embedded database) are left
 * out.
 */
function family(pid) {
  if (!hasProc) return [pid];
  const childrenOf = new Map();
  for (const name of fs.readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const parent = Number(statOf(name)[1]);
      childrenOf.set(parent, [...(childrenOf.get(parent) ?? []), Number(name)]);
    } catch {
      // it has ended meanwhile
    }
  }
  const all = [pid];
  for (let i = 0; i < all.length; i++) all.push(...(childrenOf.get(all[i]) ?? []));
  return all;
}

const isNode = (pid) => {
  try {
    return path.basename(fs.readlinkSync(`/proc/${pid}/exe`)).startsWith('node');
  } catch {
    return false;
  }
};

/** The node processes of a server: itself, and its workers where it has any. */
export const serverProcesses = (pid) => (hasProc ? family(pid).filter(isNode) : [pid]);

/**
 * CPU time that the processes have used up to now, in milliseconds; processes that have ended count
 * nothing.
 */
export function cpuMs(pids) {
  let ticks = 0;
  for (const pid of pids) {
    try {
      const stat = statOf(pid);
      ticks += Number(stat[11]) + Number(stat[12]);
    } catch {
      // it has ended meanwhile
    }
  }
  return (ticks * 1000) / TICKS_PER_SECOND;
}

/** Resident memory of the processes together, in megabytes. */
export function rssMb(pids) {
  let kilobytes = 0;
  for (const pid of pids) {
    try {
      kilobytes += Number(/^VmRSS:\s+(\d+)/m.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
    } catch {
      // it has ended meanwhile
    }
  }
  return kilobytes / 1024;
}

/** Whether CPU and memory of other processes can be read here. */
export const figuresAreThere = hasProc;
