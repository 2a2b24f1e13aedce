import { CpuMeter, type CpuSources } from './energy-cpu.js';
import { type GpuId, GpuMeter } from './energy-gpu.js';
import type { MeasuredEnergy } from '../port/launcher.js';

/** Measures the energy of one program from just before its start to its end. What cannot be measured is null, with why. */
export class EnergyMeter {
  private constructor(
    private readonly gpu: GpuMeter,
    private readonly cpu: CpuMeter,
  ) {}

  static async start(gpus: readonly GpuId[], sources?: CpuSources): Promise<EnergyMeter> {
    const gpu = await GpuMeter.start(gpus);
    return new EnergyMeter(gpu, new CpuMeter(sources));
  }

  async stop(cpuSeconds: number | null): Promise<MeasuredEnergy> {
    const cpu = this.cpu.stop(cpuSeconds);
    return { gpu: await this.gpu.stop(), cpu };
  }
}
