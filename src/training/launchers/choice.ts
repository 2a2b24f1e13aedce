import type { Launcher, LauncherCapabilities } from './launcher.js';
import { whyNever } from './offers.js';

/** What of a launch decides where it can run. */
export interface Needs {
  gpus: number;
  /** null: as many, or as much, as the launcher gives. */
  cpus: number | null;
  memoryBytes: number | null;
  nodes: number;
  /** The container image it names; null: none. */
  image: string | null;
  /** The queue it names; null: none. */
  queue: string | null;
}

/** Where a launch goes. */
export interface LauncherChoice {
  launcher: Launcher;
  /** What the launch names and nobody has, so that it can never be taken as it is; null when nothing is known to be missing. */
  missing: string | null;
  /** Why that launcher cannot take it now; null when it can. */
  unavailable: string | null;
  /** Launchers that come before it but cannot take the launch; none when it was chosen by name. */
  passedOver: { launcher: Launcher; why: string }[];
}

/** The named launcher, and what it says to the launch. It is asked once. */
export async function standingOf(launcher: Launcher, needs: Needs): Promise<LauncherChoice> {
  const can = await launcher.capabilities();
  const [missing, unavailable] = [whyNever(launcher, can, needs), whyNotNow(launcher, can, needs)];
  return { launcher, missing, unavailable, passedOver: [] };
}

/** The first of the launchers that can take the launch now. Without one, the first that might, with what every one says. */
export async function firstFor(launchers: readonly [Launcher, ...Launcher[]], needs: Needs): Promise<LauncherChoice> {
  const passedOver: LauncherChoice['passedOver'] = [];
  let mightTake: Launcher | null = null;
  for (const launcher of launchers) {
    const { missing, unavailable } = await standingOf(launcher, needs);
    const why = missing ?? unavailable;
    if (why === null) return { launcher, missing, unavailable, passedOver };
    if (missing === null) mightTake ??= launcher;
    passedOver.push({ launcher, why });
  }
  const [only, ...more] = passedOver;
  const each = passedOver.map((one) => `${one.launcher.name}: ${one.why}`).join(' ');
  const none = mightTake === null ? 'None of the launchers can take it.' : 'None of the launchers can take it now.';
  const why = only && more.length === 0 ? only.why : `${none} ${each}`;
  return {
    launcher: mightTake ?? launchers[0],
    missing: mightTake === null ? why : null,
    unavailable: why,
    passedOver: more.length === 0 ? [] : passedOver,
  };
}

/** Why the launcher cannot take the job now; null when it can. */
function whyNotNow(
  launcher: Launcher,
  { available, message, ...has }: LauncherCapabilities,
  needs: Needs,
): string | null {
  if (!available)
    return message ?? `The launcher "${launcher.name}" does not answer. Try again later, or choose another.`;
  return (
    tooFew(launcher, 'GPU(s)', has.gpus, needs.gpus) ??
    tooFew(launcher, 'CPU(s)', has.cpus, Math.ceil(needs.cpus ?? 0)) ??
    tooFew(launcher, 'bytes of memory', has.memoryBytes, needs.memoryBytes)
  );
}

function tooFew({ name }: Launcher, what: string, has: number | null = null, asked: number | null): string | null {
  if (has === null || asked === null || asked <= has) return null;
  return `The launcher "${name}" has ${has} ${what}; ${asked} were asked for.`;
}
