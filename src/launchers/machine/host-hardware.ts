import { arch, cpus, platform, totalmem } from 'node:os';

/** The machine that this process runs on, as far as every system tells. */
export function hostHardware(): Record<string, unknown> {
  const processors = cpus();
  return {
    platform: platform(),
    arch: arch(),
    cpuModel: processors[0]?.model.trim() ?? null,
    cpus: processors.length,
    memoryBytes: totalmem(),
  };
}
