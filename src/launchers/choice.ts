import type { Launcher, LauncherCapabilities } from './port/launcher.js';

/** So many names are told of where one was asked for that is not there. */
const MOST_NAMES = 50;

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
export async function evaluate(launcher: Launcher, needs: Needs): Promise<LauncherChoice> {
  const can = await launcher.capabilities();
  const [missing, unavailable] = [unsupportedReason(launcher, can, needs), whyNotNow(launcher, can, needs)];
  return { launcher, missing, unavailable, passedOver: [] };
}

/** The first of the launchers that can take the launch now. Without one, the first that might, with what every one says. */
export async function firstFor(launchers: readonly [Launcher, ...Launcher[]], needs: Needs): Promise<LauncherChoice> {
  const passedOver: LauncherChoice['passedOver'] = [];
  let mightTake: Launcher | null = null;
  for (const launcher of launchers) {
    const { missing, unavailable } = await evaluate(launcher, needs);
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

/**
 * Why the launcher can never take such a launch, naming the member that is wrong, its value and what there is instead;
 * null when nothing is known to be missing. What a launcher cannot tell is left to its engine.
 */
function unsupportedReason(
  { name }: Pick<Launcher, 'name'>,
  { queues, images, needsImage }: LauncherCapabilities,
  { nodes, image, queue }: Needs,
): string | null {
  if (nodes !== 1)
    return `\`resources.nodes\` is ${nodes}; the launcher "${name}" runs the program of a job on one machine. Ask for 1.`;
  if (queue !== null && queues?.includes(queue) === false)
    return queues.length === 0
      ? `\`queue\` is "${queue}", but the launcher "${name}" has no queues. Leave it out, or choose another launcher.`
      : `\`queue\` is "${queue}", but the launcher "${name}" has no such queue. It has: ${listed(queues)}. Name one of them, or none.`;
  if (image === null)
    return needsImage === true
      ? `\`image\` is missing, and the launcher "${name}" has none for jobs that name none. Name one.`
      : null;
  if (images?.includes(image) !== false) return null;
  return images.length === 0
    ? `\`image\` is "${image}", but the launcher "${name}" runs programs of its machines, no images. Leave it out, or choose another launcher.`
    : `\`image\` is "${image}", but the launcher "${name}" has no such image. It has: ${listed(images)}. Name one of them, or none.`;
}

function listed(names: readonly string[]): string {
  const more = names.length - MOST_NAMES;
  return more > 0 ? `${names.slice(0, MOST_NAMES).join(', ')} and ${more} more` : names.join(', ');
}
