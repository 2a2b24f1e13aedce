import type { Launcher } from './launcher.js';

/** What of a launch decides where it can run. */
export interface Needs {
  gpus: number;
  nodes: number;
  /** It runs in a container image. */
  image: boolean;
}

/** Where a launch goes. */
export interface LauncherChoice {
  launcher: Launcher;
  /** Why that launcher cannot take it now; null when it can. */
  unavailable: string | null;
  /** Launchers that come before it but cannot take the launch; none when it was chosen by name. */
  passedOver: { launcher: Launcher; why: string }[];
}

/** The first of the launchers that can take the launch now. Without one, the first that might, with what every one says. */
export async function firstFor(launchers: readonly [Launcher, ...Launcher[]], needs: Needs): Promise<LauncherChoice> {
  const passedOver: LauncherChoice['passedOver'] = [];
  for (const launcher of launchers) {
    const why = whyNever(launcher, needs) ?? (await whyNotNow(launcher, needs));
    if (why === null) return { launcher, unavailable: null, passedOver };
    passedOver.push({ launcher, why });
  }
  const launcher = launchers.find((each) => whyNever(each, needs) === null) ?? launchers[0];
  const [only, ...more] = passedOver;
  if (only && more.length === 0) return { launcher, unavailable: only.why, passedOver: [] };
  const each = passedOver.map((one) => `${one.launcher.name}: ${one.why}`).join(' ');
  return { launcher, unavailable: `None of the launchers can take it now. ${each}`, passedOver };
}

/** Why this kind of launcher can never run such a job; null when it can. */
function whyNever(launcher: Launcher, { nodes, image }: Needs): string | null {
  if (launcher.kind !== 'local') return null;
  if (image) return 'It runs programs of its machine, and no images.';
  return nodes === 1 ? null : `It has one machine; ${nodes} were asked for.`;
}

/** Why the launcher cannot take the job now; null when it can. */
export async function whyNotNow(launcher: Launcher, needs: Needs): Promise<string | null> {
  const { available, message, gpus } = await launcher.capabilities();
  if (!available)
    return message ?? `The launcher "${launcher.name}" does not answer. Try again later, or choose another.`;
  if (gpus !== null && needs.gpus > gpus) {
    return `The launcher "${launcher.name}" has ${gpus} GPU(s); ${needs.gpus} were asked for.`;
  }
  return null;
}
