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

/** The process and its children, however deep. */
export function processAndBelow(pid) {
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
export const serverProcesses = (pid) => (hasProc ? processAndBelow(pid).filter(isNode) : [pid]);

/**
 * CPU time that the processes have used up to now, in milliseconds; processes that have ended count
 * nothing.
 */
export const cpuMs = (pids) => sumOf(pids, USER, SYSTEM);

/** As `cpuMs`, with the children that have ended: each is counted where its parent has waited for it. */
export const totalCpuMs = (pids) => sumOf(pids, USER, SYSTEM, ENDED_USER, ENDED_SYSTEM);

/** Places in `statOf`: utime, stime, cutime, cstime. */
const [USER, SYSTEM, ENDED_USER, ENDED_SYSTEM] = [11, 12, 13, 14];

function sumOf(pids, ...fields) {
  let ticks = 0;
  for (const pid of pids) {
    try {
      const stat = statOf(pid);
      for (const field of fields) ticks += Number(stat[field]);
    } catch {
      // it has ended meanwhile
    }
  }
  return (ticks * 1000) / TICKS_PER_SECOND;
}

/** CPU time of the whole machine, in milliseconds: all but idle and waiting. Undefined where it cannot be read. */
export function machineCpuMs() {
  if (!hasProc) return undefined;
  const [, user, nice, system, , , irq, softirq, steal] = fs
    .readFileSync('/proc/stat', 'utf8')
    .split('\n', 1)[0]
    .split(/\s+/)
    .map(Number);
  return ((user + nice + system + irq + softirq + steal) * 1000) / TICKS_PER_SECOND;
}

/** The parent of a process on this machine, or undefined. */
export function parentOf(pid) {
  try {
    return Number(statOf(pid)[1]);
  } catch {
    return undefined;
  }
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
