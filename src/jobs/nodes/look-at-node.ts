/** How this machine and the processes of its mistnet fare, from what the system tells of itself. Linux tells of processes; elsewhere they are left out. */
import { readdir, readFile } from 'node:fs/promises';
import { availableParallelism, cpus, freemem, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { type NodeBody, type RoleState, roleStateSchema } from '../../store/nodes/node-status.ts';
import type { DiskUsage } from './disk-meter.ts';

/** Written by the supervisor. */
export const ROLES_FILE = 'roles.state';

const rolesFileSchema = z.object({
  pid: z.number().int(),
  startedAt: z.string(),
  roles: z.array(roleStateSchema),
});
export type RolesFile = z.infer<typeof rolesFileSchema>;

/** Undefined when there is none that can be read: mistnet was not started by `start`, `run` or `demo`. */
export async function readRoles(runFolder: string): Promise<RolesFile | undefined> {
  try {
    return rolesFileSchema.parse(JSON.parse(await readFile(join(runFolder, ROLES_FILE), 'utf8')));
  } catch {
    return undefined; // no file, or a newer supervisor's: what is not known is not shown
  }
}

/** The clock ticks in which Linux counts a process's time; 100 a second on every platform that Node runs on. */
const TICKS_A_SECOND = 100;

type Look = { atMs: number; idle: number; total: number; ticksByPid: Map<number, number> };

/** Looks at the machine; each look tells of the time since the one before. */
export class NodeObserver {
  readonly #folders: { home: string; run: string; postgres: string };
  readonly #measureDisk: () => Promise<DiskUsage>;
  readonly #monotonicMs: () => number;
  readonly #startedAt: string;
  #last: Look | undefined;

  constructor(options: {
    folders: { home: string; run: string; postgres: string };
    measureDisk: () => Promise<DiskUsage>;
    monotonicMs: () => number;
    startedAt: Date;
  }) {
    this.#folders = options.folders;
    this.#measureDisk = options.measureDisk;
    this.#monotonicMs = options.monotonicMs;
    this.#startedAt = options.startedAt.toISOString();
  }

  async look(): Promise<NodeBody> {
    const [disk, file, postmaster] = await Promise.all([
      this.#measureDisk(),
      readRoles(this.#folders.run),
      readPostmaster(this.#folders.postgres),
    ]);
    const roles = file?.roles ?? [];
    const groups = await groupPids(file, roles, postmaster);
    const machine = cpuTimes();
    const look: Look = { atMs: this.#monotonicMs(), ...machine, ticksByPid: new Map() };
    const last = this.#last;
    const seconds = last === undefined ? 0 : (look.atMs - last.atMs) / 1000;
    const processes: NodeBody['processes'] = [];
    for (const { name, pids } of groups) {
      const found = (await Promise.all(pids.map(readProcess))).filter((each) => each !== undefined);
      const [first] = found;
      if (first === undefined) continue;
      for (const { pid, ticks } of found) look.ticksByPid.set(pid, ticks);
      const known = found.filter(({ pid }) => last?.ticksByPid.has(pid) === true);
      const spent = known.reduce((sum, { pid, ticks }) => sum + ticks - (last?.ticksByPid.get(pid) ?? 0), 0);
      const cpu = seconds > 0 && known.length > 0 ? Math.max(0, spent / TICKS_A_SECOND / seconds) : null;
      // What PostgreSQL's processes share is there once.
      const memory = found.reduce((sum, { own }) => sum + own, Math.max(...found.map(({ shared }) => shared)));
      processes.push({ name, pid: first.pid, cpu, memory });
    }
    this.#last = look;
    const passed = last === undefined ? 0 : look.total - last.total;
    return {
      startedAt: file?.startedAt ?? this.#startedAt,
      cpus: availableParallelism(),
      cpu: last === undefined || passed <= 0 ? null : Math.min(1, Math.max(0, 1 - (look.idle - last.idle) / passed)),
      load: loadavg()[0] ?? 0,
      memoryUsed: Math.max(0, totalmem() - (await availableMemory())),
      memoryTotal: totalmem(),
      disk: {
        folder: disk.folder,
        ...{ totalBytes: disk.totalBytes, freeBytes: disk.freeBytes, segmentsBytes: disk.segmentsBytes },
        ...{ datasetsBytes: disk.datasetsBytes, databaseBytes: disk.databaseBytes, otherBytes: disk.otherBytes },
      },
      roles,
      processes,
    };
  }
}

/** Which process counts to what: the supervisor, each role, and PostgreSQL with all its children as one. */
async function groupPids(
  file: RolesFile | undefined,
  roles: readonly RoleState[],
  postmaster: number | undefined,
): Promise<{ name: string; pids: number[] }[]> {
  const groups = roles.flatMap(({ role, pid }) => (pid === null ? [] : [{ name: role, pids: [pid] }]));
  if (file === undefined) groups.push({ name: 'mistnet', pids: [process.pid] });
  else groups.push({ name: 'supervisor', pids: [file.pid] });
  if (postmaster !== undefined)
    groups.push({ name: 'postgresql', pids: [postmaster, ...(await childrenOf(postmaster))] });
  return groups;
}

function cpuTimes(): { idle: number; total: number } {
  let [idle, total] = [0, 0];
  for (const { times } of cpus()) {
    idle += times.idle;
    total += times.user + times.nice + times.sys + times.idle + times.irq;
  }
  return { idle, total };
}

/** What programs could still have, caches of the system among it. */
async function availableMemory(): Promise<number> {
  try {
    const kilobytes = /^MemAvailable:\s+(\d+) kB$/m.exec(await readFile('/proc/meminfo', 'utf8'))?.[1];
    return kilobytes === undefined ? freemem() : Number(kilobytes) * 1024;
  } catch {
    return freemem(); // not Linux
  }
}

const PAGE_BYTES = 4096;

/** Undefined when it has ended, or where the system does not tell. */
async function readProcess(
  pid: number,
): Promise<{ pid: number; ticks: number; own: number; shared: number } | undefined> {
  const [fields, memory] = await Promise.all([statFields(pid), readFile(`/proc/${pid}/statm`, 'utf8').catch(() => '')]);
  if (fields === undefined || memory === '') return undefined;
  const [, resident = 0, shared = 0] = memory.split(' ').map(Number);
  const ticks = Number(fields[11]) + Number(fields[12]);
  return { pid, ticks, own: (resident - shared) * PAGE_BYTES, shared: shared * PAGE_BYTES };
}

/** What follows the name in /proc/PID/stat: state, parent, …; the name itself may hold blanks and brackets. */
async function statFields(pid: number): Promise<string[] | undefined> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined; // it has ended
  }
}

async function childrenOf(parent: number): Promise<number[]> {
  try {
    const text = await readFile(`/proc/${parent}/task/${parent}/children`, 'utf8');
    return text
      .split(' ')
      .filter((each) => each !== '')
      .map(Number);
  } catch {
    const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name)).map(Number);
    const parents = await Promise.all(pids.map(async (pid) => ({ pid, parent: (await statFields(pid))?.[1] })));
    return parents.filter((each) => each.parent === String(parent)).map(({ pid }) => pid);
  }
}

async function readPostmaster(folder: string): Promise<number | undefined> {
  const find = async (path: string) => {
    const [line] = (await readFile(path, 'utf8').catch(() => '')).split('\n');
    return line !== undefined && /^\d+$/.test(line) ? Number(line) : undefined;
  };
  return (await find(join(folder, 'postmaster.pid'))) ?? (await find(join(folder, 'data', 'postmaster.pid')));
}
