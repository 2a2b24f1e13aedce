import { allProcesses, bytesIn, type ProcessStat, readProc } from './proc.js';

/** A look at every process of the machine costs a few milliseconds: not at each look at those that are known. */
const MEMBERS_EVERY_MS = 1000;

/** So often are processes weighed again of which some went meanwhile. */
const MOST_WEIGHINGS = 5;

/** Watches the memory of a program and of all it started: call `look` every now and then. */
export class ProgramMemory {
  /** Start times by pid. */
  private members = new Map<number, string>();
  private strangers = new Map<number, string>();
  private membersAt = performance.now();
  private weighAt = 0;
  private peak: number | null = null;

  /** Those that left the group of the program are known by their parents, and by what marks them. */
  constructor(
    private readonly group: number,
    private readonly isMarked: (pid: number) => boolean,
    private readonly proc: { allProcesses: typeof allProcesses; readProc: typeof readProc } = {
      allProcesses,
      readProc,
    },
  ) {
    this.members.set(group, '');
  }

  /**
   * The most memory seen, in bytes: the peak of any one process as the kernel keeps it, or the sum of all at one look,
   * whichever is greater. Null when nothing could be read.
   */
  get peakBytes(): number | null {
    return this.peak;
  }

  /**
   * The bytes used, when they are more than the limit; null when they are not, or there is none. What processes have
   * mapped is added up first, which counts what they share once for each. Only if that is too much are they weighed: the
   * kernel walks all their pages for it.
   */
  look(limitBytes: number | null): number | null {
    if (performance.now() - this.membersAt > MEMBERS_EVERY_MS) this.findMembers();
    const statuses = [...this.members.keys()].map((pid) => this.proc.readProc(pid, 'status'));
    const resident = statuses.map((status) => bytesIn(status, 'VmRSS') ?? 0);
    const peaks = statuses.map((status) => bytesIn(status, 'VmHWM') ?? 0);
    const seen = Math.max(sum(resident), ...peaks);
    if (seen > 0) this.peak = Math.max(this.peak ?? 0, seen);
    if (limitBytes === null || sum(statuses.map(mapped)) <= limitBytes) return null;
    const begun = performance.now();
    if (begun < this.weighAt) return null;
    const used = this.weigh(limitBytes);
    const now = performance.now();
    this.weighAt = now + 5 * (now - begun);
    return used > limitBytes ? used : null;
  }

  /**
   * A process that goes while the others are weighed leaves its share to those that come after it, and is counted twice:
   * then all are weighed again. The least is believed, as what goes wrong here is too much.
   */
  private weigh(limitBytes: number): number {
    let least = Infinity;
    for (let time = 0; time < MOST_WEIGHINGS && least > limitBytes; time++) {
      const living = this.living();
      least = Math.min(least, sum(living.map((pid) => this.weighed(pid))));
      if (this.living().length === living.length) break;
    }
    return least;
  }

  /** Those of the members that hold memory: one that has ended and waits for its parent holds none. */
  private living(): number[] {
    return [...this.members.keys()].filter((pid) => bytesIn(this.proc.readProc(pid, 'status'), 'VmRSS') !== null);
  }

  /** As `mapped`, with each page divided among those that share it, as workers do that were forked, where the kernel tells. */
  private weighed(pid: number): number {
    const rollup = this.proc.readProc(pid, 'smaps_rollup');
    const own = bytesIn(rollup, 'Pss_Anon');
    const weight = own === null ? bytesIn(rollup, 'Pss') : own + (bytesIn(rollup, 'Pss_Shmem') ?? 0);
    return weight ?? mapped(this.proc.readProc(pid, 'status'));
  }

  private findMembers(): void {
    const all = this.proc.allProcesses();
    const found = new Set(all.filter((each) => this.isMember(each)).map(({ pid }) => pid));
    for (let before = -1; before < found.size;) {
      before = found.size;
      for (const { pid, parent } of all) if (found.has(parent)) found.add(pid);
    }
    const startOf = (mine: boolean): Map<number, string> =>
      new Map(all.filter(({ pid }) => found.has(pid) === mine).map(({ pid, start }) => [pid, start]));
    [this.members, this.strangers] = [startOf(true), startOf(false)];
    this.membersAt = performance.now();
  }

  private isMember({ pid, group, start }: ProcessStat): boolean {
    if (group === this.group || this.members.get(pid) === start) return true;
    return this.strangers.get(pid) !== start && this.isMarked(pid);
  }
}

/** Without pages of files, where the kernel tells: it can take these back, however large the data a program has mapped. */
function mapped(status: string): number {
  const own = bytesIn(status, 'RssAnon');
  return own === null ? (bytesIn(status, 'VmRSS') ?? 0) : own + (bytesIn(status, 'RssShmem') ?? 0);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
