/**
 * Energy of the processor packages of this machine, as RAPL counts it (Linux: /sys/class/powercap), and the share of a
 * program in it. The counters are of whole packages, so a program is given the share it had of all processor time that was
 * spent on the machine meanwhile. What the packages take when idle is shared out with it.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { causeOf, errnoName } from '../../disk/disk-fault.js';
import { hasErrno } from './errno.js';
import type { EnergyReading } from '../port/launcher.js';

/** A counter of 262 kJ runs over after nine minutes at 500 W: it has to be read more often than that. */
const EVERY_MS = 30_000;
const TICKS_PER_SECOND = 100;

interface Zone {
  path: string;
  /** Where the counter begins again at 0, in microjoules. */
  range: number;
  last: number;
}

export interface CpuSources {
  powercap: string;
  procStat: string;
}

const CPU_SOURCES: CpuSources = { powercap: '/sys/class/powercap', procStat: '/proc/stat' };

export class CpuMeter {
  private readonly timer: NodeJS.Timeout | null = null;
  private readonly busyBefore: number | null = null;
  private microjoules = 0;
  private zones: Zone[] = [];
  /** Why nothing can be read; null while something can. */
  private unreadable: string | null = null;

  /** Never throws: what cannot be measured is told at the end. */
  constructor(private readonly sources: CpuSources = CPU_SOURCES) {
    this.guarded(() => (this.zones = findZones(sources.powercap)));
    if (this.unreadable === null && this.zones.length === 0) this.unreadable = 'RAPL has no processor package here.';
    if (this.unreadable !== null) return;
    this.busyBefore = busySeconds(sources.procStat);
    this.timer = setInterval(() => this.sample(), EVERY_MS).unref();
  }

  /** Adds what was counted since the last look. */
  sample(): void {
    this.guarded(() => {
      for (const zone of this.zones) {
        const now = readNumber(join(zone.path, 'energy_uj'));
        this.microjoules += now >= zone.last ? now - zone.last : now + zone.range - zone.last;
        zone.last = now;
      }
    });
  }

  /** The share of a program that used so many processor seconds; null: nobody knows how many. */
  stop(cpuSeconds: number | null): EnergyReading {
    if (this.timer) clearInterval(this.timer);
    const nothing = (note: string): EnergyReading => ({ joules: null, coverage: 0, model: null, note });
    if (this.unreadable === null) this.sample();
    if (this.unreadable !== null) return nothing(this.unreadable);
    const busyAfter = busySeconds(this.sources.procStat);
    if (cpuSeconds === null || this.busyBefore === null || busyAfter === null)
      return nothing('The share of the program in the processor time of the machine is not known.');
    const busy = Math.max(busyAfter - this.busyBefore, cpuSeconds);
    const share = busy === 0 ? 0 : cpuSeconds / busy;
    const percent = Math.round(share * 1000) / 10;
    const note = `RAPL counts whole processor packages: ${percent} % of it is its share of the processor time of the machine.`;
    return { joules: (this.microjoules / 1e6) * share, coverage: 1, model: null, note };
  }

  private guarded(look: () => void): void {
    if (this.unreadable !== null) return;
    try {
      look();
    } catch (error) {
      if (hasErrno(error, 'EACCES', 'EPERM')) this.unreadable = 'The counters of RAPL may not be read by this user.';
      else if (hasErrno(error, 'ENOENT', 'ENOTDIR')) this.unreadable = 'This machine has no RAPL.';
      else this.unreadable = `RAPL could not be read: ${causeOf(error)}`;
    }
  }
}

/** The packages alone: their parts (intel-rapl:0:0) are counted within them, and `psys` counts all again. */
function findZones(powercap: string): Zone[] {
  const names = readdirSync(powercap).filter((name) => /^intel-rapl:\d+$/.test(name));
  return names
    .map((name) => join(powercap, name))
    .filter((path) => readFileSync(join(path, 'name'), 'utf8').startsWith('package'))
    .map((path) => ({
      path,
      range: readNumber(join(path, 'max_energy_range_uj')),
      last: readNumber(join(path, 'energy_uj')),
    }));
}

/** Processor time that all processes of the machine have used since it was started; null where it cannot be told. */
function busySeconds(procStat: string): number | null {
  try {
    const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = readFileSync(procStat, 'utf8')
      .split('\n', 1)
      .join()
      .split(/\s+/)
      .slice(1)
      .map(Number);
    return (user + nice + system + irq + softirq) / TICKS_PER_SECOND;
  } catch (error) {
    // A job must not be lost for a measure of it.
    if (errnoName(error) !== null) return null;
    throw error;
  }
}

function readNumber(path: string): number {
  const number = Number(readFileSync(path, 'utf8').trim());
  if (!Number.isFinite(number)) throw new Error(`${path} holds no number.`);
  return number;
}
