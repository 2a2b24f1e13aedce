import type { EnergyReading, JobUsage } from '../../launchers/port/launcher.js';

export const ENERGY_METHODS = ['NVML', 'RAPL', 'SLURM', 'ESTIMATE'] as const;
export type EnergyMethod = (typeof ENERGY_METHODS)[number];

/** What is known of the energy of a job. */
export interface EnergyAccount {
  /** null: neither measured nor to be estimated; `note` says why. */
  joules: number | null;
  /** How the greater part was found out; null with `joules`. */
  method: EnergyMethod | null;
  /** Share of the run time that was measured, 0 to 1; 0 for an estimate. */
  coverage: number;
  note: string | null;
}

/**
 * Watts a board may draw at most, by what is found in its name, the more exact first. From the makers' data sheets: H200 and
 * H100 SXM 700 W, H100 PCIe 350 W, H100 NVL 400 W, B200 1000 W, A100 SXM 400 W, A100 PCIe 300 W (80 GB), A40 300 W, A10 150 W,
 * L40S 350 W, L40 300 W, L4 72 W, V100 SXM2 300 W, V100 PCIe 250 W, T4 70 W, P100 250 W, RTX 4090 450 W, RTX 3090 350 W,
 * RTX A6000 300 W, AMD Instinct MI300X 750 W, MI250X 560 W (peak), Intel Gaudi 3 900 W and Gaudi 2 600 W (OAM).
 * A board seldom draws all it may: an estimate by this table is an upper bound rather than a mean.
 */
const BOARD_WATTS: readonly [RegExp, number][] = [
  [/B200/, 1000],
  [/H200/, 700],
  [/H100.{0,30}NVL/, 400],
  [/H100.{0,30}PCIE/, 350],
  [/H100/, 700],
  [/A100.{0,30}PCIE/, 300],
  [/A100/, 400],
  [/V100.{0,30}PCIE/, 250],
  [/V100/, 300],
  [/L40S/, 350],
  [/L40/, 300],
  [/\bL4\b/, 72],
  [/A6000/, 300],
  [/\bA40\b/, 300],
  [/\bA10G?\b/, 150],
  [/\bT4\b/, 70],
  [/P100/, 250],
  [/4090/, 450],
  [/3090/, 350],
  [/MI300X/, 750],
  [/MI250X/, 560],
  [/GAUDI.?3/, 900],
  [/GAUDI/, 600],
];

/**
 * Watts of a busy core: thermal design power by cores of common server processors, from the makers' data sheets: Xeon
 * Platinum 8480+ 350 W / 56 = 6.3, Xeon Platinum 8380 270 W / 40 = 6.8, EPYC 7763 280 W / 64 = 4.4, EPYC 9654 360 W / 96 = 3.8.
 */
const CORE_WATTS = 5;

/** Watts of such a board; null when the name tells nothing. */
export function boardWatts(gpuType: string | null): number | null {
  const name = gpuType?.toUpperCase() ?? '';
  return BOARD_WATTS.find(([pattern]) => pattern.test(name))?.[1] ?? null;
}

interface Part {
  joules: number | null;
  method: EnergyMethod | null;
  coverage: number;
  note: string | null;
}

/** Whether its own runner measured any of its energy. */
export function isMeasured(usage: JobUsage | null): boolean {
  return fromReading(usage?.energy?.gpu, 'NVML') !== null || fromReading(usage?.energy?.cpu, 'RAPL') !== null;
}

/**
 * What an attempt took: measured by its runner, else by the accounting of its engine; estimated where that is possible, else
 * null with the reasons. Never 0 for want of a measure.
 */
export function accountOf(usage: JobUsage, gpuType: string | null, accounted?: EnergyReading): EnergyAccount {
  // That figure is of a whole node: beside a measure of parts of the node, it would count these twice.
  if (isMeasured(usage) || !accounted) return byParts(usage, gpuType);
  const whole = fromReading(accounted, 'SLURM');
  if (whole) return whole;
  const parts = byParts(usage, gpuType);
  return { ...parts, note: [parts.note, accounted.note].filter((each) => each !== null).join(' ') || null };
}

function byParts(usage: JobUsage, gpuType: string | null): EnergyAccount {
  const cpu = cpuPart(usage);
  if (usage.gpuSeconds === 0) return cpu;
  const gpu = gpuPart(usage, gpuType);
  if (gpu.joules === null) return gpu;
  const rest =
    cpu.joules === null
      ? 'Without the processors: '
      : `With ${Math.round(cpu.joules)} J of processors (${cpu.method ?? ''}): `;
  const note = [gpu.note, cpu.joules === null || cpu.note ? `${rest}${cpu.note ?? ''}` : rest.replace(/: $/, '.')];
  return { ...gpu, joules: gpu.joules + (cpu.joules ?? 0), note: note.filter((each) => each !== null).join(' ') };
}

/** Of two attempts of one job: what is not known of one is not known of both. */
export function addAccounts(one: EnergyAccount, other: EnergyAccount): EnergyAccount {
  const note = [...new Set([one.note, other.note])].filter((each) => each !== null).join(' ') || null;
  if (one.joules === null || other.joules === null) return { joules: null, method: null, coverage: 0, note };
  const joules = one.joules + other.joules;
  const measured = one.joules * one.coverage + other.joules * other.coverage;
  const method = one.coverage >= other.coverage ? one.method : other.method;
  return { joules, method, coverage: joules === 0 ? Math.min(one.coverage, other.coverage) : measured / joules, note };
}

/** Grams of CO2 equivalents; null when the energy or the intensity of the grid is not known. */
export function carbonOf(joules: number | null, gramsPerKwh: number | null): number | null {
  return joules === null || gramsPerKwh === null ? null : (joules / 3.6e6) * gramsPerKwh;
}

function gpuPart({ gpuSeconds, energy }: JobUsage, gpuType: string | null): Part {
  const measured = fromReading(energy?.gpu, 'NVML');
  if (measured) return measured;
  const why = energy?.gpu.note ?? 'Nobody measured its GPUs.';
  const type = energy?.gpu.model ?? gpuType;
  const watts = boardWatts(type);
  if (watts === null) {
    const lacking =
      type === null ? 'which GPUs it had is not known (`resources.gpuType`)' : `the power of "${type}" is not known`;
    return { joules: null, method: null, coverage: 0, note: `${why} It cannot be estimated: ${lacking}.` };
  }
  const note = `${why} Estimated: ${watts} W a board (${type ?? ''}) while it was held.`;
  return { joules: gpuSeconds * watts, method: 'ESTIMATE', coverage: 0, note };
}

function cpuPart({ cpuSeconds, energy }: JobUsage): Part {
  const measured = fromReading(energy?.cpu, 'RAPL');
  if (measured) return measured;
  const why = energy?.cpu.note ?? 'Nobody measured its processors.';
  if (cpuSeconds === null)
    return { joules: null, method: null, coverage: 0, note: `${why} Its processor time is not known either.` };
  const note = `${why} Estimated: ${CORE_WATTS} W a busy core.`;
  return { joules: cpuSeconds * CORE_WATTS, method: 'ESTIMATE', coverage: 0, note };
}

/** A reading of a part of the time stands for all of it: what was not measured is taken to have been like what was. */
function fromReading(reading: EnergyReading | undefined, method: EnergyMethod): Part | null {
  if (!reading || reading.joules === null || reading.coverage <= 0) return null;
  const { joules, coverage, note } = reading;
  return { joules: joules / coverage, method, coverage, note };
}
